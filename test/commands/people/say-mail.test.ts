import { expect, it } from "vitest";
import type { Voice } from "../../../src/commands/say.ts";
import { sayMailEnd } from "../../../src/commands/people/say-mail.ts";
import type { MailEnd } from "../../../src/db/deliveries.ts";
import { wordsIn } from "../../../src/words/words.ts";

const voice: Voice = { t: wordsIn("en"), timeZone: "Europe/Stockholm", now: new Date("2026-11-24T13:05:00Z") };
const user = { name: "Anna Berg", loginAddress: "anna@acme.example", language: "sv" };

const ended = (end: Partial<MailEnd>) =>
  sayMailEnd({ user, language: null, end: { state: "failed", settled: true, serverAnswer: null, suppressed: false, ...end } }, voice).lines;

it("that failed for the address says that nothing more is sent to it", () => {
  expect(ended({ serverAnswer: "550 5.1.1 nobody", suppressed: true })).toEqual([
    "Not sent: the mail server refused the mail to Anna Berg (a***@acme.example).",
    "The server's answer: 550 5.1.1 nobody",
    "Check the login address. Nothing more is sent to it until it is changed, or allowed again with unsuppress.",
  ]);
});

it("that failed for another reason does not say that the address is blocked", () => {
  expect(ended({ serverAnswer: "554 5.7.1 looks like spam" })).toEqual([
    "Not sent: the mail server refused the mail to Anna Berg (a***@acme.example).",
    "The server's answer: 554 5.7.1 looks like spam",
    "The address is not blocked: send again once that is settled.",
  ]);
});

it("without an answer from the mail server is not called sent", () => {
  expect(ended({ state: "unknown", settled: false })[0]).toContain("did not confirm it. One more try follows in 10 minutes.");
  expect(ended({ state: "unknown" })[0]).toContain("confirmed neither");
});
