import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdsControl, parseJson, textOf } from "../../src/wire/body.ts";
import { cut } from "../../src/wire/cut.ts";

describe("a body", () => {
  it("JSON is parsed like JSON, up to its nesting limit", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        expect(parseJson(text, 20)).toEqual(JSON.parse(text));
      }),
    );
    expect(parseJson("[".repeat(21) + "]".repeat(21), 20)).toBeUndefined();
    expect(parseJson(JSON.stringify("[".repeat(100)), 20)).toBe("[".repeat(100));
    expect(parseJson("{", 20)).toBeUndefined();
  });

  it("Bytes that are no UTF-8 are no text", () => {
    expect(textOf(Buffer.from("åäö"))).toBe("åäö");
    expect(textOf(Buffer.from([0xe5]))).toBeUndefined();
  });

  it.each([
    ["a\u0000", true],
    [{ a: [{ b: "x\u0007" }] }, true],
    [{ "a\u0000": 1 }, true],
    ["\u007f", true],
    ["line one\r\nline\ttwo", false],
    [{ a: 1, b: null, c: "åäö 👩‍🏭" }, false],
  ])("Control characters are found wherever they stand: %j", (value, found) => {
    expect(holdsControl(value)).toBe(found);
  });

  it("Text is cut to its limit and never in half a character", () => {
    expect(cut("abcdef", 6)).toBe("abcdef");
    expect(cut("abcdefg", 6)).toBe("abcde…");
    expect(cut("ab👩xyz", 4)).toBe("ab…");
  });
});
