import { describe, expect, it } from "vitest";
import { retryDelayMs } from "../../src/domain/delivery.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** What comes after each attempt, in minutes, until no further one is worth it. */
function schedule(link: { lifeMs: number; leftMs: number } | null): number[] {
  const delays: number[] = [];
  let passedMs = 0;
  for (let attempts = 1; ; attempts += 1) {
    const delayMs = retryDelayMs(attempts, link && { ...link, leftMs: link.leftMs - passedMs }, 0.5);
    if (delayMs === undefined) return delays;
    delays.push(delayMs / MINUTE_MS);
    passedMs += delayMs;
  }
}

describe("the next attempt of a mail", () => {
  it("The next attempt comes later each time, until the schedule ends", () => {
    expect(schedule({ lifeMs: DAY_MS, leftMs: DAY_MS })).toEqual([1, 5, 15, 30, 60, 120, 240]);
  });

  it("No attempt is made when less than a tenth of the link's life would be left", () => {
    expect(schedule({ lifeMs: DAY_MS, leftMs: 4 * 60 * MINUTE_MS })).toEqual([1, 5, 15, 30]);
    expect(schedule({ lifeMs: DAY_MS, leftMs: 0.1 * DAY_MS })).toEqual([]);
  });

  it("A mail without a link is tried to the end of the schedule", () => {
    expect(schedule(null)).toEqual([1, 5, 15, 30, 60, 120, 240]);
  });

  it("The next attempt is spread by a fifth either way", () => {
    const minutes = [0, 1].map((random) => (retryDelayMs(3, null, random) ?? 0) / MINUTE_MS);
    expect(minutes.map(Math.round)).toEqual([12, 18]);
  });
});
