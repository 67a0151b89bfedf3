import { describe, expect, it } from "vitest";
import { readReminder } from "../../../src/commands/sends/read-remind.ts";

const read = (text: string) => readReminder(text.split(" ").filter((word) => word !== ""));
const rule = { afterDays: 7, everyDays: 3, mostMails: 2 };

describe("what follows remind", () => {
  it.each([
    "add after 7d every 3d max 2",
    "ADD max 2 every 3 days after 7 days",
    "lägg-till efter 7 dagar var 3d högst 2",
    "legg-til etter 7d hver 3d maks 2",
    "tilføj efter 7d hver 3d højst 2",
    "lisää jälkeen 7pv joka 3pv enintään 2",
    "add after 7 every 3 max 2",
  ])("%s is a rule", (text) => {
    expect(read(text)).toEqual({ kind: "add", rule });
  });

  it.each(["", "list", "lista", "luettelo"])("“%s” lists", (text) => {
    expect(read(text)).toEqual({ kind: "list" });
  });

  it.each(["stop R-3", "stop r3", "stoppa 3", "lopeta R-3"])("%s stops", (text) => {
    expect(read(text)).toEqual({ kind: "stop", number: 3 });
  });

  it.each([
    "add",
    "add after 7d every 3d",
    "add after 7d every 3d max",
    "add after 7d every 3d max many",
    "add after 7h every 3d max 2",
    "add after 7d after 8d every 3d max 2",
    "add after 7d every 3d max 2d",
    "add after -7d every 3d max 2",
    "add after 7d every 3d max 2 please",
    "stop",
    "stop B-3",
    "stop R-3 R-4",
    "list all",
    "weekly",
  ])("%s is unclear", (text) => {
    expect(read(text)).toEqual({ kind: "unclear" });
  });
});
