import { expect, it, onTestFinished } from "vitest";
import { deliveryStates } from "../support/send-load.ts";
import { startCluster } from "../support/cluster.ts";
import { end, isReady, startProduct, until } from "../support/product.ts";
import { fakeRelay } from "../support/relay.ts";
import { slackPerson, textOf } from "../support/slack-person.ts";
import { smallDisk } from "../support/small-disk.ts";
import { linkPath, twoAdmins } from "../support/two-admins.ts";
import { press } from "../support/web.ts";

const DISK_MB = 96;
const USERS = 5_000;
/** More than the room left in the pages there are. */
const LINKS = 200;

it("A full database disk is answered with an apology, starts no half of a send, and is over once there is room", async () => {
  const disk = await smallDisk(DISK_MB);
  const cluster = await startCluster(undefined, disk);
  onTestFinished(cluster.stop);
  const stage = await twoAdmins(USERS, { cluster });
  const { db, slack } = stage;
  const relay = await fakeRelay();
  const product = await startProduct({ databaseUrl: cluster.url, smtpUrl: relay.url, slackUrl: slack.apiUrl, connections: 4 });
  await until(product, () => isReady(product));
  const anna = slackPerson(slack, () => product.address);
  const preview = await anna.type("bulk employee:Many");
  const links: string[] = [];
  while (links.length < LINKS) links.push(product.address + (await linkPath(stage)));
  const confirm = async (link: string) => (await press({ publicUrl: product.address }, link)).status;

  await disk.fill();
  const refused = textOf(await anna.press(preview, `Send ${USERS}`));
  expect(refused).toMatch(/^Something went wrong on our side. Nothing was sent. Reference/);
  await until(product, () => product.said().includes('"code":"53100"'));
  expect(await deliveryStates(db)).toEqual([]);
  const answers = await Promise.all(links.map(async (link) => ({ link, status: await confirm(link) })));
  expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
  const turnedAway = answers.filter(({ status }) => status === 503);
  expect(turnedAway.length).toBeGreaterThan(0);
  expect((await fetch(`${product.address}/livez`)).status).toBe(200);
  expect([200, 503]).toContain((await fetch(`${product.address}/readyz`)).status);

  await disk.free();
  await until(product, () => isReady(product));
  expect(await Promise.all(turnedAway.map(({ link }) => confirm(link)))).toEqual(turnedAway.map(() => 200));
  expect(textOf(await anna.press(preview, `Send ${USERS}`))).toMatch(new RegExp(`^B-1 started: ${USERS} mails`));
  await until(product, async () => (await deliveryStates(db)).every(({ open }) => !open));
  expect(relay.taken).toHaveLength(USERS);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(USERS);
  expect(await end(product.child, "SIGTERM")).toBe(0);
});
