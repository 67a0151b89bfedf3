import { expect, it } from "vitest";
import { blot } from "../src/logs.ts";

it.each([
  ["to anna.berg+x@acme.example now", "to [address] now"],
  ["<åsa@företag.example>", "<[address]>"],
  ["token xoxb-12-ab-CD and xapp-1-A", "token [left out] and [left out]"],
  ["/verify/v1.aB3_x-.42.0123456789012345678901234567890123456789012", "/verify/[left out]"],
  ["postgres://verify:hunter2@db.example/verify", "postgres://[left out]@db.example/verify"],
  ["smtps://user:p%40ss@relay.example", "smtps://[left out]@relay.example"],
  ['{"level":"info","delivery":42,"msg":"sent"}', '{"level":"info","delivery":42,"msg":"sent"}'],
])("%s leaves as %s", (line, expected) => {
  expect(blot(line)).toBe(expected);
});
