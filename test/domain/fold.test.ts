import { expect, it } from "vitest";
import { fold } from "../../src/domain/fold.ts";

it.each<[string, ...string[]]>([
  [
    "siobhán o'brien",
    "Siobhán O’Brien",
    "SIOBHÁN OʼBRIEN",
    "Siobhán O´Brien",
    "Siobhán O`Brien",
    "Siobha\u0301n O‘Brien",
    "Siobhán\u00a0O＇Brien",
  ],
  ["anna-lena åberg", "Anna‐Lena Åberg", "Anna‑Lena  Åberg", "ANNA–LENA A\u030aberg", "Anna—Lena \u212bberg", " Anna−Lena\tÅBERG "],
  ["anna nisse berg", 'Anna "Nisse" Berg', "Anna “Nisse” Berg", "Anna «Nisse» Berg", "Anna ＂Nisse„ Berg"],
  ["lager", "La\u00adger", "Ｌａｇｅｒ", "\ufeffLag\u200ber\u200d", "LA\u200cGER"],
  ["it 👩💻", "IT 👩‍💻", "IT 👩🏽‍💻", "IT 👩💻\ufe0f"],
  ["weiss strasse", "Weiß Straße", "WEISS STRASSE", "WEIẞ STRAẞE"],
  ["ibrahim işik", "İbrahim Işık", "ibrahim işik", "IBRAHIM IŞIK", "i\u0307brahim ışık"],
  ["νικοσ", "ΝΙΚΟΣ", "νικος"],
])("%j is what all of its spellings fold to", (folded, ...spellings) => {
  expect([...new Set([folded, ...spellings].map(fold))]).toEqual([folded]);
});

it.each([
  ["Asa", "Åsa"],
  ["Oberg", "Öberg"],
  ["Soren", "Søren"],
  ["Obrien", "O'Brien"],
])("%j and %j stay two names", (one, other) => {
  expect(fold(one)).not.toBe(fold(other));
});
