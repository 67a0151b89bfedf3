import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAddress } from "../../src/domain/address.ts";

const keyOf = (text: string) => {
  const read = readAddress(text);
  return read.ok ? read.key : `(${read.problem})`;
};

describe("an address is read", () => {
  it.each([
    ["anna.berg@acme.example", "anna.berg@acme.example"],
    ["Anna.Berg+HR@Acme.EXAMPLE", "anna.berg+hr@acme.example"],
    ["o'brien@acme.example", "o'brien@acme.example"],
    ["a.b.c.d@acme.example", "a.b.c.d@acme.example"],
    [`${"x".repeat(64)}@acme.example`, `${"x".repeat(64)}@acme.example`],
    ["anna@företag.example", "anna@xn--fretag-wxa.example"],
    ["anna@FÖRETAG.example", "anna@xn--fretag-wxa.example"],
    ["anna@fo\u0308retag.example", "anna@xn--fretag-wxa.example"],
    ["anna@xn--fretag-wxa.example", "anna@xn--fretag-wxa.example"],
    ["åsa@acme.example", "åsa@acme.example"],
    ["a\u030Asa@acme.example", "åsa@acme.example"],
    ["!#$%&'*+/=?^_`{|}~-@acme.example", "!#$%&'*+/=?^_`{|}~-@acme.example"],
    ["anna@mail.acme.example", "anna@mail.acme.example"],
    ["anna@3m.example", "anna@3m.example"],
  ])("The address %s has the key %s", (text, key) => {
    expect(keyOf(text)).toBe(key);
  });

  it("An international domain goes on the wire in ASCII, and the address is kept as entered", () => {
    expect(readAddress("Anna@Företag.example")).toEqual({
      ok: true,
      address: "Anna@Företag.example",
      key: "anna@xn--fretag-wxa.example",
      wire: "Anna@xn--fretag-wxa.example",
      needsSmtpUtf8: false,
    });
  });

  it("An address with a non-ASCII local part is marked for SMTPUTF8 relays only", () => {
    expect(readAddress("åsa@acme.example")).toMatchObject({ needsSmtpUtf8: true });
    expect(readAddress("asa@företag.example")).toMatchObject({ needsSmtpUtf8: false });
  });
});

describe("an address is refused", () => {
  it.each([
    ["", "empty"],
    ["anna", "no-at"],
    ["a@b", "domain"],
    ["anna@localhost", "domain"],
    ["anna@acme.example.", "domain"],
    ["anna@.example", "domain"],
    ["anna@acme..example", "domain"],
    ["anna@-acme.example", "domain"],
    ["anna@acme_hr.example", "domain"],
    ["anna@", "domain"],
    ["anna@[127.0.0.1]", "domain"],
    ["anna@127.0.0.1", "domain"],
    ["anna@0x7f.1", "domain"],
    ["anna@acme.0x", "domain"],
    ["anna@\u212Acme.0X7F", "domain"],
    ["anna@１２７.0.0.1", "domain"],
    ["anna@acme.123", "domain"],
    ["anna@acme.example:25", "domain"],
    ["anna@acme.example/x", "domain"],
    ["anna@acme.example?x", "domain"],
    ["anna@acme%2eexample", "domain"],
    ["anna@acme／x.example", "domain"],
    [`anna@${"x".repeat(64)}.example`, "domain"],
    ["a..b@acme.example", "local-part"],
    [".a@acme.example", "local-part"],
    ["a.@acme.example", "local-part"],
    ["@acme.example", "local-part"],
    ["a@b@acme.example", "local-part"],
    ['"anna"@acme.example', "local-part"],
    ["anna(hr)@acme.example", "local-part"],
    ["hr:anna@acme.example;", "local-part"],
    ["hr:anna@acme.example", "local-part"],
    ["anna,bo@acme.example", "local-part"],
    ["anna@acme.example,bo@acme.example", "local-part"],
    ["<anna@acme.example>", "local-part"],
    ["😀@acme.example", "local-part"],
    ["anna berg@acme.example", "character"],
    [" anna@acme.example", "character"],
    ["anna@acme.example\r\nBcc: eve@evil.example", "character"],
    ["anna\u0000@acme.example", "character"],
    ["anna\u200B@acme.example", "character"],
    ["anna@ac\u200Bme.example", "character"],
    ["anna@ac\u00ADme.example", "character"],
    ["\u202Eanna@acme.example", "character"],
    ["anna\u00A0berg@acme.example", "character"],
    ["an\uD800na@acme.example", "character"],
    ["an\uFE0Fna@acme.example", "character"],
    [`${"x".repeat(65)}@acme.example`, "too-long"],
    [`${"å".repeat(33)}@acme.example`, "too-long"],
    [`anna@${"x.".repeat(125)}example`, "too-long"],
  ])("The address %j is refused: %s", (text, problem) => {
    expect(readAddress(text)).toEqual({ ok: false, problem });
  });
});

describe("look-alikes never reach the other person", () => {
  it.each([
    ["Cyrillic о", "ol\u0430@acme.example", "ola@acme.example"],
    ["full-width ｅ", "ev\uFF41@acme.example", "eva@acme.example"],
    ["the Kelvin sign", "eri\u212A@acme.example", "erik@acme.example"],
    ["dotless ı", "\u0131da@acme.example", "ida@acme.example"],
    ["long ſ", "\u017Fara@acme.example", "sara@acme.example"],
    ["a Cyrillic domain", "ola@\u0430cme.example", "ola@acme.example"],
    ["İ", "\u0130da@acme.example", "ida@acme.example"],
  ])("The look-alike %s never reaches the other person", (_what, typed, other) => {
    expect(keyOf(typed)).not.toBe(keyOf(other));
  });

  it.each([
    "ol\u0430@acme.example",
    "\u043E@acme.example",
    "ev\uFF41@acme.example",
    "\u0131da@acme.example",
    "\u017Fara@acme.example",
    "ola@\u0430cme.example",
  ])("The admin is told of the look-alikes in %s", (typed) => {
    expect(readAddress(typed)).toMatchObject({ ok: true, warning: "mixed-script" });
  });

  it.each(["åsa@acme.example", "anna@straße.example", "ærø@øl.example", "анна@почта.рф"])("The address %s is not suspicious", (typed) => {
    expect(readAddress(typed)).not.toHaveProperty("warning");
  });
});

describe("reading what was read", () => {
  const pieces = fc.oneof(
    fc.constantFrom(..."aAkKzZ09.+-_'@ ".split(""), "\u212A", "ı", "ſ", "ｅ", "о", "å", "a\u030A", "ß", "。", "xn--", "\u0301", "İ"),
    fc.string({ unit: "grapheme", maxLength: 2 }),
  );
  const texts = fc
    .tuple(fc.array(pieces, { minLength: 1, maxLength: 8 }), fc.array(pieces, { minLength: 1, maxLength: 6 }))
    .map(([local, domain]) => `${local.join("")}@${domain.join("")}.example`);

  it("The address, its key and what goes on the wire are all read to the same key", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const read = readAddress(text);
        if (!read.ok) return;
        expect(readAddress(read.address)).toEqual(read);
        expect(keyOf(read.key)).toBe(read.key);
        expect(keyOf(read.wire)).toBe(read.key);
        expect(read.key).toMatch(/^[^\s@]+@[a-z0-9.-]+$/);
      }),
      { numRuns: 2000 },
    );
  });

  it("An address matches an ASCII one only where ASCII stood before the @", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const read = readAddress(text);
        if (!read.ok) return;
        const local = (address: string) => address.slice(0, address.lastIndexOf("@"));
        expect(/^\p{ASCII}*$/u.test(local(read.key))).toBe(/^\p{ASCII}*$/u.test(local(text)));
      }),
      { numRuns: 2000 },
    );
  });
});
