import { beforeEach, describe, expect, it } from "vitest";
import type { ReadyReply } from "../../src/commands/reply.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import { fakeSlack, slackWire } from "../support/fake-slack.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const slack = await fakeSlack();
const { app } = await slackWire(testDeps(db), slack);
const acme = await insert.organisation(db);
await insert.workspace(db, acme.id, { workspace: "T1" });

const target = { platform: "slack", workspace: "T1", person: "U7", conversation: null } as const;
const reply: ReadyReply = { tone: "info", lines: ["B-117: 61 of 96 sent, 1 failed."], progress: { done: 62, total: 96 }, personal: false };

beforeEach(() => {
  slack.told.length = 0;
  for (const method of ["chat.postMessage", "chat.update", "upload"]) slack.script(method, undefined);
});

describe("postTo", () => {
  it("writes to a person, and says which message it was and where", async () => {
    const result = await app.postTo(target, reply, null);
    expect(result).toEqual({ kind: "posted", message: { channel: "D7", ts: expect.any(String) as string }, conversation: "D7" });
    expect(slack.toldTo("chat.postMessage")[0]).toMatchObject({ channel: "U7", text: reply.lines[0] });
  });

  it("writes in the conversation it knows", async () => {
    await app.postTo({ ...target, conversation: "D8" }, reply, null);
    expect(slack.toldTo("chat.postMessage")[0]).toMatchObject({ channel: "D8" });
  });

  it("edits the message it is given", async () => {
    const message = { channel: "D7", ts: "1.1" };
    expect(await app.postTo(target, reply, message)).toEqual({ kind: "posted", message, conversation: "D7" });
    expect(slack.toldTo("chat.update")[0]).toMatchObject(message);
    expect(slack.toldTo("chat.postMessage")).toEqual([]);
  });

  it("writes anew when the message to edit is gone", async () => {
    slack.script("chat.update", () => ({ body: { ok: false, error: "message_not_found" } }));
    expect(await app.postTo(target, reply, { channel: "D7", ts: "1.1" })).toMatchObject({ kind: "posted" });
    expect(slack.toldTo("chat.postMessage")).toHaveLength(1);
  });

  it.each([
    ["429 with its time", { status: 429, headers: { "retry-after": "30" } }, { kind: "later", afterMs: 30_000 }],
    ["500", { status: 500 }, { kind: "later", afterMs: 15_000 }],
    ["a passing fault", { body: { ok: false, error: "internal_error" } }, { kind: "later", afterMs: 15_000 }],
    ["channel_not_found", { body: { ok: false, error: "channel_not_found" } }, { kind: "gone", why: "channel_not_found" }],
    ["account_inactive", { body: { ok: false, error: "account_inactive" } }, { kind: "gone", why: "account_inactive" }],
  ])("tells %s apart, and tries once", async (_, refusal, result) => {
    slack.script("chat.postMessage", () => refusal);
    expect(await app.postTo(target, reply, null)).toEqual(result);
    expect(slack.toldTo("chat.postMessage")).toHaveLength(1);
  });

  it("has no way into a workspace that is not ours", async () => {
    expect(await app.postTo({ ...target, workspace: "T404" }, reply, null)).toEqual({ kind: "gone", why: "no token" });
  });

  const file = { name: "B-117.csv", type: "text/csv", text: "\uFEFFUser-ID;Reason\r\n" };

  it("sends a file after the words, to the same place", async () => {
    expect(await app.postTo(target, { ...reply, file }, null)).toMatchObject({ kind: "posted" });
    expect(slack.told.map(({ method }) => method)).toEqual([
      "chat.postMessage",
      "files.getUploadURLExternal",
      "upload",
      "files.completeUploadExternal",
    ]);
    expect(slack.toldTo("files.completeUploadExternal")[0]).toMatchObject({ channel_id: "D7" });
    expect(JSON.stringify(slack.toldTo("upload")[0])).toContain("User-ID;Reason");
  });

  it.each(["https://evil.example/upload", "https://slack.com.evil.example/u", "http://files.slack.com/u", "nonsense"])(
    "A file goes to no upload address but Slack's own: %s",
    async (url) => {
      slack.script("files.getUploadURLExternal", () => ({ body: { upload_url: url, file_id: "F1" } }));
      expect(await app.postTo(target, { ...reply, file }, null)).toMatchObject({ kind: "later" });
      slack.script("files.getUploadURLExternal", undefined);
      expect(slack.toldTo("upload")).toEqual([]);
      expect(slack.toldTo("files.completeUploadExternal")).toEqual([]);
    },
  );

  it("takes the words back when the file does not arrive, and says both later", async () => {
    slack.script("upload", () => ({ status: 500 }));
    expect(await app.postTo(target, { ...reply, file }, null)).toMatchObject({ kind: "later" });
    expect(slack.toldTo("chat.delete")).toHaveLength(1);
  });
});
