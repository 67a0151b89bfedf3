import { and, eq, isNull, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { consumeVerifyChallenges } from "../../src/db/challenges.ts";
import { auditEvents, challenges, deliveries, users } from "../../src/db/schema/tables.ts";
import { LINK_TTL_MS } from "../../src/domain/challenge.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";
import { fieldsOf, mailedUser, press, serveWeb, tokenOf } from "../support/web.ts";

const { db } = await testDatabase();
const deps = testDeps(db);

const isVerified = async (id: number) => (await db.select().from(users).where(eq(users.id, id)))[0]?.verifiedAt instanceof Date;
const openChallenges = (userId: number) =>
  db.$count(challenges, and(eq(challenges.userId, userId), isNull(challenges.usedAt), isNull(challenges.supersededAt)));

describe("the link of a verification mail", () => {
  it("shows the masked address and a button, and the press connects the user", async () => {
    const url = await serveWeb(deps);
    const { organisation, user, token } = await mailedUser(db, deps, { loginAddress: "anna.berg@acme.example" });
    const page = await (await fetch(`${url}/verify/${token}`)).text();
    expect(page).toContain("a***@acme.example");
    expect(page).not.toContain("anna.berg");
    expect(page).toContain(organisation.name);
    expect(page).toContain(">Confirm</button>");
    const pressed = await press(deps, `${url}/verify/${token}`);
    expect(pressed.status).toBe(200);
    expect(await pressed.text()).toContain("Now set your password");
    expect(await isVerified(user.id)).toBe(true);
  });

  it.each([
    ["GET", {}],
    ["HEAD", {}],
    ["OPTIONS", {}],
    ["GET", { "sec-purpose": "prefetch" }],
    ["GET", { purpose: "prefetch", "x-moz": "prefetch" }],
  ])("is not used by 50 × %s %j", async (method, headers: Record<string, string>) => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps);
    for (let n = 0; n < 50; n++) expect((await fetch(`${url}/verify/${token}`, { method, headers })).status).toBe(200);
    expect(await isVerified(user.id)).toBe(false);
    expect(await openChallenges(user.id)).toBe(1);
  });

  it.each([".", ")", "%3E", "/", "%20", ").", "%22%20", ","])(
    "A link with %j behind it, as a mail program leaves it, still opens",
    async (tail) => {
      const url = await serveWeb(deps);
      const { user, token } = await mailedUser(db, deps);
      expect((await fetch(`${url}/verify/${token}${tail}`)).status).toBe(200);
      expect((await press(deps, `${url}/verify/${token}${tail}`)).status).toBe(200);
      expect(await isVerified(user.id)).toBe(true);
    },
  );

  it.each(["PUT", "PATCH", "DELETE"])("does not take %s", async (method) => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps);
    const answer = await fetch(`${url}/verify/${token}`, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
    expect(await isVerified(user.id)).toBe(false);
  });

  it("pressed again says that it is done", async () => {
    const url = await serveWeb(deps);
    const { token } = await mailedUser(db, deps);
    await press(deps, `${url}/verify/${token}`);
    const form = new URLSearchParams(fieldsOf(await (await fetch(`${url}/verify/${token}`)).text()));
    expect([...form]).toEqual([]);
    const again = await fetch(`${url}/verify/${token}`);
    expect([again.status, await again.text()]).toEqual([200, expect.stringContaining("Already confirmed")]);
  });

  it.each([
    ["a second before its end", 1, 200, true],
    ["a second after its end", -1, 410, false],
  ])("pressed %s", async (_when, leftS, status, verified) => {
    const url = await serveWeb(deps);
    const { user, challenge, token } = await mailedUser(db, deps);
    const page = await (await fetch(`${url}/verify/${token}`)).text();
    await db
      .update(challenges)
      .set({ expiresAt: sql`now() + make_interval(secs => ${leftS * 0.999})` })
      .where(eq(challenges.id, challenge.id));
    const headers = { origin: deps.publicUrl };
    const pressed = await fetch(`${url}/verify/${token}`, { method: "POST", headers, body: new URLSearchParams(fieldsOf(page)) });
    expect(pressed.status).toBe(status);
    expect(await pressed.text()).toContain(verified ? "set your password" : "Send a new link");
    expect(await isVerified(user.id)).toBe(verified);
  });

  it("lives for a day", () => expect(LINK_TTL_MS.verify).toBe(86_400_000));

  it("from an earlier mail still works after a resend, and the first press closes them all", async () => {
    const url = await serveWeb(deps);
    const { organisation, user, token } = await mailedUser(db, deps);
    const later = await insert.challenge(db, organisation.id, user.id);
    expect(await (await press(deps, `${url}/verify/${token}`)).text()).toContain("set your password");
    expect(await openChallenges(user.id)).toBe(0);
    expect(await (await fetch(`${url}/verify/${tokenOf(deps, later)}`)).text()).toContain("Already confirmed");
  });

  it("to an earlier address is gone, and the new address stays unverified", async () => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps);
    const page = await (await fetch(`${url}/verify/${token}`)).text();
    await db
      .update(users)
      .set({ loginAddress: "new@acme.example", loginAddressKey: "new@acme.example", addressVersion: 2 })
      .where(eq(users.id, user.id));
    const headers = { origin: deps.publicUrl };
    const pressed = await fetch(`${url}/verify/${token}`, { method: "POST", headers, body: new URLSearchParams(fieldsOf(page)) });
    const text = await pressed.text();
    expect([pressed.status, text]).toEqual([410, expect.stringContaining("Your address has changed")]);
    expect(text).not.toContain("n***");
    expect(await isVerified(user.id)).toBe(false);
  });

  it("of a deactivated user connects nobody", async () => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps);
    const page = await (await fetch(`${url}/verify/${token}`)).text();
    await db.update(users).set({ activated: false }).where(eq(users.id, user.id));
    const headers = { origin: deps.publicUrl };
    const pressed = await fetch(`${url}/verify/${token}`, { method: "POST", headers, body: new URLSearchParams(fieldsOf(page)) });
    expect([pressed.status, await isVerified(user.id)]).toEqual([410, false]);
  });

  it.each([
    ["sv", "Bekräfta", "Välj lösenord"],
    ["nb", "Bekreft", "Velg passord"],
    ["da", "Bekræft", "Vælg adgangskode"],
    ["fi", "Vahvista", "Valitse salasana"],
  ])("speaks the reader's language: %s", async (language, button, password) => {
    const asked = { ...deps, forgotPasswordUrl: "https://login.example/forgot" };
    const url = await serveWeb(asked);
    const { token } = await mailedUser(db, asked, { language });
    const page = await fetch(`${url}/verify/${token}`, { headers: { "accept-language": "en" } });
    const text = await page.text();
    expect(text).toContain(`<html lang="${language}">`);
    expect(text).toContain(`>${button}</button>`);
    expect(await (await press(asked, `${url}/verify/${token}`)).text()).toContain(
      `href="https://login.example/forgot" rel="noreferrer">${password}</a>`,
    );
  });

  it("escapes what people are called", async () => {
    const url = await serveWeb(deps);
    const organisation = await insert.organisation(db, { name: `<img src=x onerror="alert('1')">&amp;` });
    const user = await insert.user(db, organisation.id, { loginAddress: `"><script>alert(1)</script>@acme.example` });
    const token = tokenOf(deps, await insert.challenge(db, organisation.id, user.id));
    const page = await (await fetch(`${url}/verify/${token}`)).text();
    expect(page).toContain("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;");
    expect(page).not.toMatch(/<(img|script)/);
    expect(page).not.toContain(user.name);
  });
});

describe("a press", () => {
  const own = "https://verify.example";
  it.each([
    ["without our form's token", { origin: own }, { form: "" }],
    ["with the token of another link's form", { origin: own }, { form: "A".repeat(43) }],
    ["without any origin", {}, {}],
    ["from a foreign origin", { origin: "https://evil.example" }, {}],
    ["from a foreign origin that says it is us", { origin: "https://evil.example", "sec-fetch-site": "same-origin" }, {}],
    ["from a null origin", { origin: "null" }, {}],
    ["across sites", { origin: own, "sec-fetch-site": "cross-site" }, {}],
    ["from a sibling host", { origin: own, "sec-fetch-site": "same-site" }, {}],
    ["from a sandboxed frame", { origin: "null", "sec-fetch-site": "cross-site" }, {}],
    ["with a body that is too large", { origin: own }, { filling: "x".repeat(5000) }],
  ])("%s is refused and changes nothing", async (_what, headers: Record<string, string>, over: Record<string, string>) => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps);
    const fields = fieldsOf(await (await fetch(`${url}/verify/${token}`)).text());
    const answer = await fetch(`${url}/verify/${token}`, { method: "POST", headers, body: new URLSearchParams({ ...fields, ...over }) });
    expect([answer.status, await isVerified(user.id)]).toEqual([403, false]);
  });

  it.each([
    ["with our origin alone", { origin: own }],
    ["with a withheld origin that the browser vouches for", { origin: "null", "sec-fetch-site": "same-origin" }],
  ])("%s counts", async (_what, headers: Record<string, string>) => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps);
    const fields = fieldsOf(await (await fetch(`${url}/verify/${token}`)).text());
    await fetch(`${url}/verify/${token}`, { method: "POST", headers, body: new URLSearchParams(fields) });
    expect(await isVerified(user.id)).toBe(true);
  });

  it("2,000 times at once changes the user once", { timeout: 90_000 }, async () => {
    const url = await serveWeb(deps);
    const { organisation, user, token } = await mailedUser(db, deps);
    const body = new URLSearchParams(fieldsOf(await (await fetch(`${url}/verify/${token}`)).text())).toString();
    const headers = { origin: own, "content-type": "application/x-www-form-urlencoded" };
    const answers = await Promise.all(
      Array.from({ length: 2000 }, async () => {
        const answer = await fetch(`${url}/verify/${token}`, { method: "POST", headers, body });
        const text = await answer.text();
        return (
          answer.status === 200 && (text.includes("Already confirmed") ? "already" : text.includes("set your password") && "confirmed")
        );
      }),
    );
    expect(answers.filter((answer) => answer === "confirmed")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "already")).toHaveLength(1999);
    expect(await db.$count(auditEvents, eq(auditEvents.organisationId, organisation.id))).toBe(1);
    expect(await isVerified(user.id)).toBe(true);
  });
});

describe("the page of a link that has run out", () => {
  const expired = { challenge: { expiresAt: new Date(Date.now() - 1000) } };

  it("sends a new one to the stored address", async () => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps, expired);
    expect((await fetch(`${url}/verify/${token}`)).status).toBe(410);
    const sent = await press(deps, `${url}/verify/${token}`);
    expect([sent.status, await sent.text()]).toEqual([200, expect.stringContaining("A new link is on its way")]);
    const queued = await db.select().from(deliveries).where(eq(deliveries.userId, user.id));
    expect(queued).toMatchObject([{ state: "queued", sending: "self", requestedBy: null, addressVersion: 1, purpose: "verify" }]);
  });

  it("queues one mail however often it is pressed", async () => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps, expired);
    const pressed = await Promise.all(Array.from({ length: 20 }, () => press(deps, `${url}/verify/${token}`)));
    const texts = await Promise.all(pressed.map((each) => each.text()));
    expect(texts.filter((text) => text.includes("A new link is on its way"))).toHaveLength(1);
    expect(texts.filter((text) => text.includes("already on its way"))).toHaveLength(19);
    expect(await db.$count(deliveries, eq(deliveries.userId, user.id))).toBe(1);
  });

  it("says when the last mail went out and when the next may go", async () => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps, { ...expired, lastVerificationAt: new Date(Date.now() - 20_000) });
    const pressed = await press(deps, `${url}/verify/${token}`);
    expect([pressed.status, await pressed.text()]).toEqual([
      429,
      expect.stringMatching(/Latest mail: [^<]+[^]+Next one possible: [^<]*\d\d:\d\d\./),
    ]);
    expect(await db.$count(deliveries, eq(deliveries.userId, user.id))).toBe(0);
  });

  it("does not mail an address that bounced", async () => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps, { ...expired, suppressedAt: new Date() });
    expect((await press(deps, `${url}/verify/${token}`)).status).toBe(409);
    expect(await db.$count(deliveries, eq(deliveries.userId, user.id))).toBe(0);
  });

  it("sends nothing without our form's token", async () => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps, expired);
    const body = new URLSearchParams({ do: "new-link" });
    expect((await fetch(`${url}/verify/${token}`, { method: "POST", headers: { origin: own }, body })).status).toBe(403);
    expect(await db.$count(deliveries, eq(deliveries.userId, user.id))).toBe(0);
  });
  const own = "https://verify.example";

  it("asked for by the link's own form while the link still works just shows it", async () => {
    const url = await serveWeb(deps);
    const { user, token } = await mailedUser(db, deps);
    const fields = fieldsOf(await (await fetch(`${url}/verify/${token}`)).text());
    const body = new URLSearchParams({ ...fields, do: "new-link" });
    const answer = await fetch(`${url}/verify/${token}`, { method: "POST", headers: { origin: own }, body });
    expect(await answer.text()).toContain(">Confirm</button>");
    expect(await db.$count(deliveries, eq(deliveries.userId, user.id))).toBe(0);
  });

  it("is for a person whose connection was taken away after using the link", async () => {
    const url = await serveWeb(deps);
    const { user, challenge, token } = await mailedUser(db, deps);
    await consumeVerifyChallenges(db, [challenge], true);
    await db.update(users).set({ verifiedAt: null }).where(eq(users.id, user.id));
    const page = await fetch(`${url}/verify/${token}`);
    expect([page.status, await page.text()]).toEqual([410, expect.stringContaining("Send a new link")]);
  });
});
