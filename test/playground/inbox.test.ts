import { createTransport, type Transporter } from "nodemailer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startInbox, type Inbox } from "../../src/playground/inbox.ts";

const ANNA = { name: "Anna Åberg", address: "anna@acme.example" };

describe("the local inbox", () => {
  let inbox: Inbox;
  let told = 0;
  let transport: Transporter;
  const send = (subject: string, to = ANNA, more: object = {}) =>
    transport.sendMail({ from: "no-reply@acme.example", to, subject, text: `Hello ${to.name}`, ...more });

  beforeAll(async () => {
    inbox = await startInbox({ now: () => new Date("2026-12-01T08:00:00Z"), onMail: () => (told += 1) });
    const { hostname, port } = new URL(inbox.url);
    transport = createTransport({ host: hostname, port: Number(port), pool: true, maxConnections: 10, maxMessages: 1000 });
  });
  afterAll(async () => {
    transport.close();
    await inbox.close();
  });

  it("shows a mail with its reader, its language, its headers, its text and its HTML", async () => {
    await send("Bekräfta din adress", ANNA, {
      html: '<!doctype html><html lang="sv"><p>Hej</p></html>',
      headers: { "Auto-Submitted": "auto-generated" },
    });
    const { mails, total } = await inbox.list("");
    expect({ total, told }).toEqual({ total: 1, told: 1 });
    expect(mails).toEqual([
      { id: 1, receivedAt: "2026-12-01T08:00:00.000Z", to: ANNA.address, name: ANNA.name, subject: "Bekräfta din adress", language: "sv" },
    ]);
    const mail = await inbox.find(1);
    expect(mail?.text).toContain("Hello Anna Åberg");
    expect(mail?.headers).toContainEqual({ name: "Auto-Submitted", value: "auto-generated" });
    expect(await inbox.findHtml(1)).toContain("<p>Hej</p>");
  });

  it("finds by every word, in name, address and subject", async () => {
    await send("Confirm", { name: "Bo Ek", address: "bo@acme.example" });
    const found = async (query: string) => (await inbox.list(query)).mails.map(({ name }) => name);
    expect(await found("BO confirm")).toEqual(["Bo Ek"]);
    expect(await found("åberg")).toEqual([ANNA.name]);
    expect(await found("bo bekräfta")).toEqual([]);
  });

  it("keeps the last 500 of many and counts them all", async () => {
    await Promise.all(Array.from({ length: 700 }, (_none, index) => send(`Mail ${index}`)));
    const { total, kept, matching, mails } = await inbox.list("");
    expect({ total, kept, matching, shown: mails.length }).toEqual({ total: 702, kept: 500, matching: 500, shown: 100 });
    expect(mails[0]?.id).toBe(702);
    expect(await inbox.find(1)).toBeNull();
  });

  it("refuses a mail beyond two megabytes and takes the next", async () => {
    await expect(send("Large", ANNA, { text: "x".repeat(2_100_000) })).rejects.toThrow(/552|size/i);
    await send("Small");
    expect((await inbox.list("")).mails[0]?.subject).toBe("Small");
  });

  it("forgets what it kept when told to, not how many there were", async () => {
    inbox.clear();
    expect(await inbox.list("")).toMatchObject({ total: 703, kept: 0, mails: [] });
  });
});
