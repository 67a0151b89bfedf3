import { describe, expect, it } from "vitest";
import { returnPath } from "../../src/domain/verp.ts";
import { readReturned } from "../../src/mail/bounce-intake.ts";
import { dsn, PATHS } from "../support/bounces.ts";

const of = { organisationId: 4, deliveryId: 12 };
const path = returnPath(of, PATHS.domain, PATHS.secret);
const read = (recipients: string[], message: string) => readReturned(PATHS, recipients, Buffer.from(message));

describe("a returned message", () => {
  it("The tag is found in the message's own headers where the transport does not say it", async () => {
    expect(await read([], dsn({ to: path }))).toMatchObject({ of, status: "5.1.1" });
    expect(await read([], dsn({ to: "anna@acme.example" }).replace("Your message", `To: ${path}\r\nYour message`))).toBeUndefined();
  });

  it("A message without a true tag is not parsed", async () => {
    let parts = 0;
    const message = Buffer.from(dsn({ to: path.replace(/-[0-9a-f]{4}/, "-0000") }));
    const subarray = message.subarray.bind(message);
    Object.defineProperty(message, "length", { get: () => ((parts += 1), subarray().byteLength) });
    expect(await readReturned(PATHS, [], message)).toBeUndefined();
    expect(parts).toBe(0);
  });

  it.each([
    ["one endless word", "x".repeat(900_000)],
    ["addresses", "anna@acme.example ".repeat(50_000)],
    ["at signs", "@".repeat(900_000)],
    ["one endless address", `${"a".repeat(450_000)}@${"b".repeat(450_000)}`],
  ])("A diagnosis of 900 KB made of %s is cut, without an address", async (_what, diagnostic) => {
    const returned = await read([path], dsn({ to: path, diagnostic: `smtp; ${diagnostic}` }));
    expect(returned?.of).toEqual(of);
    expect(returned?.answer.length).toBeLessThanOrEqual(300);
    expect(returned?.answer).not.toContain("anna@");
    expect(returned?.answer).not.toBe("");
  });
});
