import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readReturnPath, returnPath } from "../../src/domain/verp.ts";

const domain = "bounces.acme.example";
const of = { organisationId: 7, deliveryId: 4711 };

describe("a return path", () => {
  it("A return path names its delivery and fits a local part", () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 15 - 1 }), fc.nat({ max: 10 ** 15 - 1 }), (organisationId, deliveryId) => {
        const path = returnPath({ organisationId, deliveryId }, domain, "s");
        expect(path.indexOf("@")).toBeLessThanOrEqual(64);
        expect(readReturnPath(path, domain, "s")).toEqual({ organisationId, deliveryId });
      }),
    );
  });

  it("A return path is read whatever a server did to its case", () => {
    expect(readReturnPath(returnPath(of, domain, "s").toUpperCase(), domain, "s")).toEqual(of);
  });

  it.each([
    ["another delivery's mac", returnPath(of, domain, "s").replace("-4711-", "-4712-")],
    ["another organisation's mac", returnPath(of, domain, "s").replace("b-7-", "b-8-")],
    ["another secret", returnPath(of, domain, "other")],
    ["another domain", returnPath(of, "elsewhere.example", "s")],
    ["a cut mac", returnPath(of, domain, "s").replace(/.@/, "@")],
    ["no tag", `postmaster@${domain}`],
    ["nothing", ""],
  ])("A return path is not %s", (_what, address) => {
    expect(readReturnPath(address, domain, "s")).toBeUndefined();
  });
});
