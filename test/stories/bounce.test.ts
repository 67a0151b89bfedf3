/** A mail that comes back, until the right address has one. Over both wires. */
import { and, desc, eq, inArray } from "drizzle-orm";
import { createTransport } from "nodemailer";
import PostalMime from "postal-mime";
import { describe, expect, it, onTestFinished } from "vitest";
import { takeBounce } from "../../src/commands/people/bounce.ts";
import { deliveries, users } from "../../src/db/schema/tables.ts";
import { readReturnPath } from "../../src/domain/verp.ts";
import { readReturned } from "../../src/mail/bounce-intake.ts";
import { listenForBounces } from "../../src/mail/bounce-listener.ts";
import { dsn, outOfOffice, PATHS } from "../support/bounces.ts";
import { testDatabase } from "../support/database.ts";
import { openStory, PLATFORMS } from "../support/story.ts";
import { eventually } from "../support/worker.ts";
import { serveWeb } from "../support/web.ts";

const { db } = await testDatabase();
const { deps, begin } = await openStory(db);

const take = async (recipients: string[], message: Buffer) => {
  const returned = await readReturned(PATHS, recipients, message);
  return returned ? takeBounce(deps, returned) : false;
};

/** Hands in what came back over HTTP, as a mail service does; whether it counted. */
async function post(message: string): Promise<boolean> {
  const url = await serveWeb(deps, { bounces: { secret: PATHS.secret, take } });
  const headers = { authorization: `Bearer ${PATHS.secret}`, "content-type": "message/rfc822" };
  const answer = (await (await fetch(`${url}/bounces`, { method: "POST", headers, body: message })).json()) as { counted: boolean };
  return answer.counted;
}

/** Hands it in by LMTP, as a mail server does. */
async function deliver(to: string): Promise<void> {
  const listener = await listenForBounces({
    host: "127.0.0.1",
    port: 0,
    lmtp: true,
    isReturnPath: (address) => readReturnPath(address, PATHS.domain, PATHS.secret) !== undefined,
    take: async (recipients, message) => void (await take(recipients, message)),
  });
  onTestFinished(() => listener.close());
  const server = createTransport({ host: "127.0.0.1", port: listener.port, lmtp: true, ignoreTLS: true });
  await server.sendMail({ envelope: { from: "", to: [to] }, raw: dsn({ to }) });
}

const userNow = async (id: number) => (await db.select().from(users).where(eq(users.id, id)))[0];

describe.each(PLATFORMS)("a mail that comes back, in %s", (platform) => {
  async function sent() {
    const story = await begin(platform);
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    const anna = await story.user({ name: "Anna Berg", userId: "1001" });
    await story.user({ name: "Bo Ek", userId: "1002" });
    expect(await admin.say("resend anna.berg@acme.example")).toContain("Sent to Anna Berg (a***@acme.example)");
    const path = story.relay.taken.at(-1)?.from ?? "";
    expect(readReturnPath(path, PATHS.domain, PATHS.secret)).toMatchObject({ organisationId: story.id });
    return { story, admin, anna, path };
  }

  it("is told to whoever sent it, whose form puts the address right and sends one mail there", async () => {
    const { story, admin, anna, path } = await sent();
    expect(await post(dsn({ to: path }))).toBe(true);
    expect((await userNow(anna.id))?.suppressedAt).not.toBeNull();
    const told = await story.told(admin, /came back/);
    expect(told).toMatch(/^The mail to Anna Berg \(a\*\*\*@acme\.example\) came back\.\n.*550 5\.1\.1/);
    expect(await admin.say("resend anna.berg@acme.example")).toContain("Not sent: mail to Anna Berg (a***@acme.example) bounced.");
    expect(await admin.say("status anna.berg@acme.example")).toMatch(/Mail to this address bounced[\s\S]*bounced/);

    await admin.press("Set e-mail");
    expect(await admin.fillIn({ Email: "anna@", "Confirm email": "anna@" })).toContain("The part after the @ is not a domain name.");
    expect(await admin.fillIn({ Email: "anna@acme.example", "Confirm email": "ana@acme.example" })).toContain("The two addresses differ.");
    expect(await admin.fillIn({ Email: "bo.ek@acme.example", "Confirm email": "bo.ek@acme.example" })).toMatch(
      /Not saved: Bo Ek \(1002\) logs in with that address\./,
    );
    await admin.press("Set e-mail");
    const alike = "аnna@acme.example";
    expect(await admin.fillIn({ Email: alike, "Confirm email": alike })).toContain("mixes alphabets");
    expect((await userNow(anna.id))?.loginAddress).toBe("anna.berg@acme.example");
    await admin.press("Enter again");
    const right = await admin.fillIn({ Email: "anna.b@acme.example", "Confirm email": "Anna.B@acme.example" });
    expect(right).toMatch(/^Anna Berg now logs in with a\*\*\*@acme\.example\.[\s\S]*Sent to Anna Berg/);
    expect(story.sentTo()).toEqual(["anna.b", "anna.berg"]);
    expect(await userNow(anna.id)).toMatchObject({ suppressedAt: null, addressVersion: 2 });
  });

  it("counts for nobody when its tag is forged, or somebody is only away", async () => {
    const { story, admin, anna, path } = await sent();
    const before = admin.messages().length;
    expect(await post(dsn({ to: path.replace(/-[0-9a-f]{20}@/, `-${"0".repeat(20)}@`) }))).toBe(false);
    expect(await post(outOfOffice(path))).toBe(false);
    await story.talk();
    expect(admin.messages()).toHaveLength(before);
    expect((await userNow(anna.id))?.suppressedAt).toBeNull();
  });

  it("of a send to many shows in its message, is told once, and ends with a reason", async () => {
    const story = await begin(platform);
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    const anna = await story.user({ name: "Anna Berg" });
    await story.user({ name: "Bo Ek" });
    await story.user({ name: "Cilla Dal" });
    await admin.say("bulk department:Lager");
    await admin.press("Send 3");
    await story.told(admin, /^B-1 done.*: 3 of 3 users received mail\.$/);
    const pathOf = (name: string) => story.relay.taken.find(({ to }) => to.startsWith(name))?.from ?? "";
    await deliver(pathOf("anna"));
    await story.told(admin, /^B-1 done.*: 2 of 3 users received mail\. 1 failed\.$/);
    await story.told(admin, /^B-1: the mail to Anna Berg \(a\*\*\*@acme\.example\) came back/);
    await deliver(pathOf("bo"));
    await story.told(admin, /^B-1 done.*: 1 of 3 users received mail\. 2 failed\.$/);
    expect(admin.messages().filter(({ text }) => /came back/.test(text))).toHaveLength(1);

    await admin.press("Report");
    expect((await admin.file()).text).toMatch(/Anna Berg;anna\.berg@acme\.example;bounced;.*no such user/);
    expect(await admin.say("bulk bounced")).toMatch(/^B-2: 2 users match\. 0 will get mail\. 2 will not: 2 bounced\./);
    expect(await admin.say("unsuppress anna.berg@acme.example")).toContain("Write why");
    expect(await admin.say('unsuppress anna.berg@acme.example --reason "the mailbox was full"')).toContain("Mail can go to Anna Berg");
    expect((await userNow(anna.id))?.suppressedAt).toBeNull();
    expect(await admin.say("history anna.berg@acme.example")).toMatch(/mail allowed again[\s\S]*mail bounced/);
  });

  it("a connected colleague's former address hears that it is one no more, and nothing else", async () => {
    const story = await begin(platform);
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    const klara = await story.user({ name: "Klara Klar", verifiedAt: new Date(), language: "sv" });
    await admin.say("set-email klara.klar@acme.example");
    const said = await admin.fillIn({ Email: "klara@acme.example", "Confirm email": "klara@acme.example" });
    expect(said).toMatch(/Klara Klar now logs in with k\*\*\*@acme\.example[\s\S]*Sent to Klara Klar[\s\S]*The former address is told/);
    await eventually(() => story.sentTo()).toEqual(["klara", "klara.klar"]);
    const notice = await PostalMime.parse(story.relay.taken.find(({ to }) => to.startsWith("klara.klar"))?.source ?? "");
    expect(notice.subject).toMatch(/^Din inloggningsadress hos .* har ändrats$/);
    expect(`${notice.text}${notice.html}`).not.toMatch(/klara@acme|https?:/);
    expect((await userNow(klara.id))?.verifiedAt).toBeNull();
    const purposes = await db
      .select({ purpose: deliveries.purpose })
      .from(deliveries)
      .where(and(eq(deliveries.organisationId, story.id), inArray(deliveries.state, ["accepted"])))
      .orderBy(desc(deliveries.purpose));
    expect(purposes.map(({ purpose }) => purpose)).toEqual(["verify", "address-changed"]);
  });
});
