/** Addresses from an import, or past it, as they reach the wire. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, expect, it } from "vitest";
import { organisations } from "../../src/db/schema/tables.ts";
import { runCli } from "../support/cli.ts";
import { startCluster } from "../support/cluster.ts";
import { temporaryFolder } from "../support/folder.ts";
import { fakeRelay } from "../support/relay.ts";
import { textOf } from "../support/slack-person.ts";
import { mails, openStage, saidLast, sendToAll, soon, tally, type Stage } from "../support/stage.ts";

const cluster = await startCluster();
afterAll(cluster.stop);

const LONGEST = "l".repeat(64);
/** As imported, and as it is on the wire. */
const GOOD: [string, string][] = [
  ["anna+hr@acme.example", "anna+hr@acme.example"],
  ["niamh.o'brien@acme.example", "niamh.o'brien@acme.example"],
  ["a.b.c.d@acme.example", "a.b.c.d@acme.example"],
  [`${LONGEST}@acme.example`, `${LONGEST}@acme.example`],
  ["karin@Företag.example", "karin@xn--fretag-wxa.example"],
  ["UPPER.Case@ACME.example", "UPPER.Case@acme.example"],
];
const REFUSED_AT_IMPORT = [
  "upper.case@acme.example",
  "a@b",
  "a..b@acme.example",
  "anna@[127.0.0.1]",
  '"a b"@acme.example',
  "anna(hr)@acme.example",
];
const HOSTILE = [
  '"a b"@acme.example',
  "anna(hr)@acme.example",
  "list: eve@evil.example;",
  "dan@acme.example,eve@evil.example",
  "dan@acme.example\r\nRCPT TO:<eve@evil.example>",
  "dan@acme.example\r\nBcc: eve@evil.example",
];

async function importRoster({ db, databaseUrl, organisationId }: Stage, addresses: string[]): Promise<string> {
  const [organisation] = await db.select().from(organisations).where(eq(organisations.id, organisationId));
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = addresses.map((address, index) => `I${index},Imported ${index},${quoted(address)}`);
  const file = join(temporaryFolder(), "roster.csv");
  writeFileSync(file, ["User-ID,Employee,Email Visma Connect", ...rows, ""].join("\n"));
  const { code, out } = await runCli(["roster", "load", file, "--organisation", organisation?.name ?? "", "--partial"], {
    DATABASE_URL: databaseUrl,
  });
  expect(code).toBe(0);
  return out;
}

it("Odd but right addresses get their mail, wrong ones never reach the mail server, and one it cannot carry is named", async () => {
  const relay = await fakeRelay();
  const hostile = HOSTILE.map((loginAddress, index) => ({ name: `Hostile ${index}`, loginAddress }));
  const stage = await openStage(cluster, {
    smtpUrl: relay.url,
    people: [...hostile, { name: "Åsa Ek", loginAddress: "åsa@acme.example" }],
  });
  const told = await importRoster(stage, [...GOOD.map(([address]) => address), ...REFUSED_AT_IMPORT]);
  for (const index of REFUSED_AT_IMPORT.keys()) expect(told).toContain(`I${GOOD.length + index}`);

  const single = await stage.owner.type('resend "Åsa Ek"');
  expect(textOf(single)).toMatch(
    /^Not sent: .*Åsa Ek.*\nThe server's answer: the relay cannot carry this address\nThe address is not blocked/,
  );
  expect(relay.lines.filter((line) => /^(?:MAIL|RCPT|DATA)/.test(line))).toEqual([]);

  await sendToAll(stage);
  await soon(() => tally(stage)).toEqual({ accepted: 6, failed: 7 });
  await soon(() => saidLast(stage, "B-1")).toMatch(/^B-1 done in .*: 6 of 13 users received mail\. 7 failed\.$/);
  const wire = GOOD.map(([, onWire]) => onWire).toSorted();
  expect(relay.taken.map(({ to }) => to).toSorted()).toEqual(wire);
  expect(relay.lines.filter((line) => line.startsWith("RCPT"))).toHaveLength(GOOD.length);
  expect(relay.taken.map(({ source }) => source).join("\n")).not.toMatch(/eve@|^Bcc:/im);
  for (const { name, answer, suppressed } of (await mails(stage)).filter(({ state }) => state === "failed")) {
    expect(answer).toBe(name === "Åsa Ek" ? "the relay cannot carry this address" : "not an address we can mail to");
    expect(suppressed).toBe(false);
  }
});
