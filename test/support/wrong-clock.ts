/** Processes whose clock is wrong, by Debian's libfaketime. */
import { globSync } from "node:fs";

const [LIBRARY] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");

export const canFakeTime = LIBRARY !== undefined;

/** The environment of a process whose clock is off by so much: `+3d`, `-1h`. Its timers run as ever. */
export function clockOff(by: string): Record<string, string> {
  if (LIBRARY === undefined) throw new Error("no libfaketime on this machine");
  return { LD_PRELOAD: LIBRARY, FAKETIME: by, DONT_FAKE_MONOTONIC: "1", NO_FAKE_STAT: "1" };
}
