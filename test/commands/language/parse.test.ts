import { describe, expect, it } from "vitest";
import { findVerb, parseLine, readWho, type Flags, type Line, type ParseProblem } from "../../../src/commands/language/parse.ts";
import type { Selection, Term } from "../../../src/domain/filter.ts";
import { LANGUAGES } from "../../../src/domain/user.ts";

const VERBS =
  "help status resend set-email bulk jobs job approve reject remind import export history audit report unsuppress link unlink password lang".split(
    " ",
  );

function lineOf(text: string): Line {
  const parsed = parseLine(text, VERBS);
  if (!parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.problem)}`);
  return parsed.line;
}

function problemOf(text: string): ParseProblem {
  const parsed = parseLine(text, VERBS);
  if (parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.line)}`);
  return parsed.problem;
}

const selectionOf = (text: string) => lineOf(`bulk ${text}`).selection;
const whoOf = (text: string) => readWho(lineOf(`status ${text}`).words);
const plain: Flags = { dryRun: false, force: false, reason: null, at: null, lang: null };
const department = (...values: string[]): Term => ({ key: "department", not: false, values });
const address = (address: string) => ({ kind: "address", address });

describe("the verb", () => {
  it.each([
    ["", null],
    ["   ", null],
    ["help", "help"],
    ["STATUS", "status"],
    ["Help!", "help"],
    ["?", "help"],
    ["verify", null],
    ["/verify status", "status"],
    ["verify Bulk", "bulk"],
    ["@Verify jobs", "jobs"],
    ["hjälp", "help"],
    ["hjelp", "help"],
    ["hjælp", "help"],
    ["apua", "help"],
    ["HJALP", "help"],
    ["skicka", "resend"],
    ["send-på-nytt", "resend"],
    ["gensend", "resend"],
    ["lähetä", "resend"],
    ["massutskick", "bulk"],
    ["masseutsending", "bulk"],
    ["masseudsendelse", "bulk"],
    ["massalähetys", "bulk"],
    ["jobb", "job"],
    ["godkänn", "approve"],
    ["godkjenn", "approve"],
    ["godkend", "approve"],
    ["hyväksy", "approve"],
    ["avslå", "reject"],
    ["påminn", "remind"],
    ["importera", "import"],
    ["vie", "export"],
    ["historik", "history"],
    ["rapport", "report"],
    ["länka", "link"],
    ["lösenord", "password"],
    ["språk", "lang"],
    ["set-email", "set-email"],
    ["unsuppress", "unsuppress"],
  ])("%j is %j", (text, verb) => {
    expect(lineOf(text).verb).toBe(verb);
  });

  it.each([
    ["stauts anna", "stauts", "status"],
    ["hepl", "hepl", "help"],
    ["resnd", "resnd", "resend"],
    ["bluk department:Lager", "bluk", "bulk"],
    ["massutskik", "massutskik", "massutskick"],
    ["<@U1> status", "<@U1>", null],
    ["frobnicate", "frobnicate", null],
    ["jag kommer inte in", "jag", null],
  ])("%j is unknown", (text, found, suggestion) => {
    expect(problemOf(text)).toEqual({ kind: "unknown-verb", found, suggestion });
  });

  it("is known only where the catalog has it", () => {
    expect(parseLine("skicka anna", ["help"])).toEqual({ ok: false, problem: { kind: "unknown-verb", found: "skicka", suggestion: null } });
  });

  it("is found in any language for a word within a line, as in `help skicka`", () => {
    expect(["skicka", "RESEND", "nothing"].map((word) => findVerb(word, VERBS))).toEqual(["resend", "resend", undefined]);
  });

  it.each(["constructor", "__proto__", "toString"])("%s is no verb, key, value or entity", (word) => {
    expect(problemOf(word).kind).toBe("unknown-verb");
    expect(lineOf(`bulk ${word}:x &${word};`).words).toHaveLength(2);
    expect(problemOf(`bulk status:${word}`).kind).toBe("unknown-value");
  });
});

describe("who", () => {
  it.each([
    ["me", { kind: "me" }],
    ["mig", { kind: "me" }],
    ["meg", { kind: "me" }],
    ["minä", { kind: "me" }],
    ['"me"', { kind: "word", text: "me" }],
    ["anna@company.example", address("anna@company.example")],
    ["anna@företag.example,", address("anna@företag.example")],
    ["mailto:anna@company.example", address("anna@company.example")],
    ["o'brien@company.example", address("o'brien@company.example")],
    ["anna:berg@company.example", address("anna:berg@company.example")],
    ["4711", { kind: "word", text: "4711" }],
    ["Anna Berg &lt;<mailto:anna@acme.example|anna@acme.example>&gt;", address("anna@acme.example")],
    ["AB:4711", { kind: "word", text: "AB:4711" }],
    ["ACME\\anna", { kind: "word", text: "ACME\\anna" }],
    ['"Anna Berg"', { kind: "word", text: "Anna Berg" }],
    ["Anna Maria Berg", { kind: "word", text: "Anna Maria Berg" }],
    ["Anna O'Brien", { kind: "word", text: "Anna O'Brien" }],
    ["O’Brien", { kind: "word", text: "O'Brien" }],
    ["'Anna Berg'", { kind: "word", text: "Anna Berg" }],
    ["Gerard 't Hooft", { kind: "word", text: "Gerard 't Hooft" }],
    ["<@U1>", { kind: "person", person: "U1" }],
    ["<@U1|anna>", { kind: "person", person: "U1" }],
    ["<@29:1a-B_c>", { kind: "person", person: "29:1a-B_c" }],
    ["@anna", { kind: "word", text: "anna" }],
    ['"department:Lager"', { kind: "word", text: "department:Lager" }],
    ["", null],
    ['""', null],
  ])("%j", (text, who) => {
    expect(whoOf(text)).toEqual(who);
  });

  it.each([
    "Visat Namn <n1@acme.test>;",
    "Visat Namn &lt;<mailto:n1@acme.test|n1@acme.test>&gt;;",
    "(n1@acme.test)",
    "<n1@acme.test>,",
    "[n1@acme.test].",
    "'n1@acme.test';",
    '"Namn, Visat" <n1@acme.test>',
    "Visat Namn (n1@acme.test)",
    "Namn,Visat<n1@acme.test>",
    "mailto:n1@acme.test?",
    "<mailto:n1@acme.test>;",
    "n1@acme.test; N1@acme.test",
    "n1@acme.test:",
  ])("An address is found in %j", (text) => {
    const who = whoOf(text);
    expect(who?.kind === "address" ? who.address.toLowerCase() : who).toBe("n1@acme.test");
  });

  it.each([
    "n1@acme.test n2@acme.test",
    "n1@acme.test,n2@acme.test;",
    "Ett <n1@acme.test>; Två <n2@acme.test>",
    "(n1@acme.test) och (n2@acme.test)",
  ])("Two addresses in %j are two, and nobody is guessed", (text) => {
    expect(whoOf(text)).toEqual({ kind: "several", addresses: ["n1@acme.test", "n2@acme.test"] });
  });
});

describe("what chat clients do to text", () => {
  it.each([
    ["<mailto:anna@acme.example|anna@acme.example>", address("anna@acme.example")],
    ["<mailto:anna@acme.example>", address("anna@acme.example")],
    ["<mailto:anna@acme.example|Anna>", address("anna@acme.example")],
    ["anna@<http://acme.example|acme.example>", address("anna@acme.example")],
    ['<a href="mailto:anna@acme.example">anna@acme.example</a>', address("anna@acme.example")],
    ["<p>anna@acme.example</p>", address("anna@acme.example")],
    ["&lt;anna@acme.example&gt;", address("anna@acme.example")],
    ["anna@acme.example\u200b", address("anna@acme.example")],
    ["\u2060anna@acme.example\ufeff", address("anna@acme.example")],
    ["“Anna Berg”", { kind: "word", text: "Anna Berg" }],
    ["”Anna Berg”", { kind: "word", text: "Anna Berg" }],
    ["„Anna Berg“", { kind: "word", text: "Anna Berg" }],
    ["&quot;Anna&nbsp;Berg&quot;", { kind: "word", text: "Anna Berg" }],
    ["Anna\u00a0Berg", { kind: "word", text: "Anna Berg" }],
    ["Anna\r\nBerg", { kind: "word", text: "Anna Berg" }],
    ["A\u030asa", { kind: "word", text: "Åsa" }],
    ["<at>Anna Berg</at>", { kind: "word", text: "Anna Berg" }],
    ["R&amp;D", { kind: "word", text: "R&D" }],
    ["R&amp;amp;D", { kind: "word", text: "R&amp;D" }],
    ["<#C1|lager>", { kind: "word", text: "#lager" }],
    ["<https://acme.example|acme.example>", { kind: "word", text: "acme.example" }],
    ["<https://acme.example>", { kind: "word", text: "https://acme.example" }],
  ])("%j", (text, who) => {
    expect(whoOf(text)).toEqual(who);
  });

  it.each([
    "<at>Verify</at> status me",
    '<at id="0">Verify Bot</at>&nbsp;status me\r\n',
    "`status me`",
    "\u00a0status\u00a0me",
    "<div><at>Verify</at> status me</div>",
  ])("%j is `status me`", (text) => {
    expect(lineOf(text)).toEqual({ verb: "status", words: [{ text: "me", quoted: false }], selection: [], saved: [], flags: plain });
  });

  it("puts no NUL, control character or half of a character pair through", () => {
    expect(lineOf("status a\u0000b \ud800").words).toEqual([
      { text: "a", quoted: false },
      { text: "b", quoted: false },
      { text: "\ufffd", quoted: false },
    ]);
  });
});

describe("filters", () => {
  it.each<[string, Selection]>([
    ["", []],
    ["department:Lager", [department("Lager")]],
    ['office:"Malmö C"', [{ key: "office", not: false, values: ["Malmö C"] }]],
    ["company:Acme", [{ key: "company", not: false, values: ["Acme"] }]],
    ["authorised:Acme", [{ key: "authorised", not: false, values: ["Acme"] }]],
    ["role:admin", [{ key: "role", not: false, values: ["admin"] }]],
    ["status:active", [{ key: "status", not: false, values: ["active"] }]],
    ["status:active,inactive", [{ key: "status", not: false, values: ["active", "inactive"] }]],
    ["connection:pending", [{ key: "connection", not: false, values: ["pending"] }]],
    [
      "connection:connected,no-address,deactivated",
      [{ key: "connection", not: false, values: ["connected", "no-address", "deactivated"] }],
    ],
    ["signature:ab", [{ key: "signature", not: false, values: ["ab"] }]],
    ["employee:Anna", [{ key: "employee", not: false, values: ["Anna"] }]],
    ["user-id:47", [{ key: "user-id", not: false, values: ["47"] }]],
    ["lang:sv", [{ key: "lang", not: false, values: ["sv"] }]],
    ["lang:sv-SE,no,suomi", [{ key: "lang", not: false, values: ["sv", "nb", "fi"] }]],
    ["pending>7d", [{ key: "pending-age", not: false, than: ">", days: 7 }]],
    ["pending<3d", [{ key: "pending-age", not: false, than: "<", days: 3 }]],
    ["pending&gt;7d", [{ key: "pending-age", not: false, than: ">", days: 7 }]],
    ["pending > 7 dagar", [{ key: "pending-age", not: false, than: ">", days: 7 }]],
    ["pending>7", [{ key: "pending-age", not: false, than: ">", days: 7 }]],
    [
      "pending<10d pending>3d",
      [
        { key: "pending-age", not: false, than: "<", days: 10 },
        { key: "pending-age", not: false, than: ">", days: 3 },
      ],
    ],
    ["never-sent", [{ key: "never-sent", not: false }]],
    ["bounced", [{ key: "bounced", not: false }]],
    [
      "-never-sent -bounced -pending>7d",
      [
        { key: "never-sent", not: true },
        { key: "bounced", not: true },
        { key: "pending-age", not: true, than: ">", days: 7 },
      ],
    ],
    ["department:Lager,Butik", [department("Lager", "Butik")]],
    ["department:Lager, Butik", [department("Lager", "Butik")]],
    ["department: Lager ,Butik", [department("Lager", "Butik")]],
    ['department:"Lager Syd",Butik,"a, b"', [department("Lager Syd", "Butik", "a, b")]],
    ["department:“Lager Syd”", [department("Lager Syd")]],
    ["department:'Lager Syd'", [department("Lager Syd")]],
    [
      'department:"Kallt “stort lager” A" office:Lund',
      [department("Kallt “stort lager” A"), { key: "office", not: false, values: ["Lund"] }],
    ],
    ['department:"Lager Syd” office:Lund', [department("Lager Syd"), { key: "office", not: false, values: ["Lund"] }]],
    ['department:"Lager \\"Syd\\""', [department('Lager "Syd"')]],
    ["department:Lager,Lager,", [department("Lager")]],
    ["department:Lager, status:active", [department("Lager"), { key: "status", not: false, values: ["active"] }]],
    ['-office:"Malmö C"', [{ key: "office", not: true, values: ["Malmö C"] }]],
    ["–office:Lund", [{ key: "office", not: true, values: ["Lund"] }]],
    ["DEPARTMENT:Lager", [department("Lager")]],
    ["user_id:47", [{ key: "user-id", not: false, values: ["47"] }]],
    ["employee:anna@acme.example", [{ key: "employee", not: false, values: ["anna@acme.example"] }]],
    ["department:R&amp;D", [department("R&D")]],
    ["department:08:00", [department("08:00")]],
  ])("%j", (text, selection) => {
    expect(selectionOf(text)).toEqual(selection);
  });

  it.each<[string, ParseProblem]>([
    ["departmnt:Lager", { kind: "unknown-key", found: "departmnt", suggestion: "department" }],
    ["avdelnig:Lager", { kind: "unknown-key", found: "avdelnig", suggestion: "avdelning" }],
    ["department=Lager", { kind: "unknown-key", found: "department=", suggestion: "department:" }],
    ["department:", { kind: "missing-value", found: "department:", example: "department:Lager" }],
    ['department:""', { kind: "missing-value", found: "department:", example: "department:Lager" }],
    ["department: office:Lund", { kind: "missing-value", found: "department:", example: "department:Lager" }],
    ["status:aktif", { kind: "unknown-value", key: "status", found: "aktif", suggestion: "aktiv", allowed: ["active", "inactive"] }],
    ["connection:bounced", { ...unknownConnection("bounced"), suggestion: "bounced" }],
    ["connection:pending,bouncd", { ...unknownConnection("bouncd"), suggestion: "bounced" }],
    ["connection:inactive", { ...unknownConnection("inactive"), suggestion: "status:inactive" }],
    ["connection:pnding", { ...unknownConnection("pnding"), suggestion: "pending" }],
    ["connection:blue", { ...unknownConnection("blue"), suggestion: null }],
    [
      "status:pending",
      { kind: "unknown-value", key: "status", found: "pending", suggestion: "connection:pending", allowed: ["active", "inactive"] },
    ],
    ["lang:xx", { kind: "unknown-value", key: "lang", found: "xx", suggestion: null, allowed: [...LANGUAGES] }],
    ["pending>soon", { kind: "bad-value", found: "pending>soon", example: "pending>7d" }],
    ["pending>=7d", { kind: "bad-value", found: "pending>=7d", example: "pending>7d" }],
    ["pending>7w", { kind: "bad-value", found: "pending>7w", example: "pending>7d" }],
    ["pending>3651d", { kind: "bad-value", found: "pending>3651d", example: "pending>7d" }],
    ["pending>99999d", { kind: "bad-value", found: "pending>99999d", example: "pending>7d" }],
    ["connected>7d", { kind: "bad-value", found: "connected>7d", example: "pending>7d" }],
    ["-bouncd", { kind: "unknown-flag", found: "-bouncd", suggestion: "-bounced" }],
    ["-Lager", { kind: "unknown-flag", found: "-Lager", suggestion: null }],
    ['department:"Lager', { kind: "unclosed-quote", found: '"Lager' }],
  ])("%j is a problem", (text, problem) => {
    expect(problemOf(`bulk ${text}`)).toEqual(problem);
  });

  it("has a limit of 4000 characters, 300 words, 50 filters and 100 values of 200 characters", () => {
    const filters = (count: number) => Array.from({ length: count }, (_, n) => `user-id:${n}`).join(" ");
    expect(selectionOf(filters(50))).toHaveLength(50);
    expect(problemOf(`bulk ${filters(51)}`)).toEqual({ kind: "too-long", limit: 50, unit: "filters" });
    expect(selectionOf(`user-id:${"ab,".repeat(100)}`)).toHaveLength(1);
    expect(problemOf(`bulk user-id:${Array.from({ length: 101 }, (_, n) => n).join(",")}`)).toEqual({
      kind: "too-long",
      limit: 100,
      unit: "values",
    });
    expect(problemOf(`bulk ${"x ".repeat(301)}`)).toEqual({ kind: "too-long", limit: 300, unit: "words" });
    expect(problemOf(`bulk user-id:${"x".repeat(201)}`).kind).toBe("bad-value");
    expect(problemOf(`bulk --reason ${"x".repeat(501)}`).kind).toBe("bad-value");
    expect(lineOf(`help ${"x".repeat(3995)}`).words).toHaveLength(1);
    expect(problemOf(`help ${"x".repeat(3996)}`)).toEqual({ kind: "too-long", limit: 4000, unit: "characters" });
  });

  function unknownConnection(found: string) {
    return { kind: "unknown-value" as const, key: "connection", found, allowed: ["pending", "connected", "no-address", "deactivated"] };
  }
});

describe("saved selections", () => {
  it.each([
    ["saved:weekly", ["weekly"]],
    ["SPARAT:weekly lagret:monthly gemt:x tallennettu:y", ["weekly", "monthly", "x", "y"]],
    ["saved: weekly", ["weekly"]],
    ["saved:“malmö.c”", ["malmö.c"]],
  ])("%s is named, to be looked up", (text, saved) => {
    const line = lineOf(`bulk ${text} department:Lager`);
    expect(line.saved).toEqual(saved);
    expect(line.selection).toEqual([department("Lager")]);
  });

  it.each<[string, ParseProblem]>([
    ["saved:", { kind: "missing-value", found: "saved:", example: "saved:weekly" }],
    ["-saved:weekly", { kind: "saved-not-here", found: "-saved:weekly", example: "saved:weekly" }],
    ["saved:a,b", { kind: "saved-not-here", found: "saved:a,b", example: "saved:weekly" }],
    ["saved=weekly", { kind: "unknown-key", found: "saved=", suggestion: "saved:" }],
    ["svaed:weekly", { kind: "unknown-key", found: "svaed", suggestion: "saved" }],
  ])("%s is a problem", (text, problem) => {
    expect(problemOf(`bulk ${text}`)).toEqual(problem);
  });
});

describe("flags", () => {
  it.each<[string, Partial<Flags>]>([
    ["--dry-run", { dryRun: true }],
    ["--dryrun", { dryRun: true }],
    ["--force", { force: true }],
    ["—force", { force: true }],
    ["–force", { force: true }],
    ['--reason "asked by phone"', { reason: "asked by phone" }],
    ['--reason="asked by phone"', { reason: "asked by phone" }],
    ["—reason “asked by phone”", { reason: "asked by phone" }],
    ['--at "2026-12-01 08:00"', { at: "2026-12-01 08:00" }],
    ["--at 2026-12-01 8.00", { at: "2026-12-01 08:00" }],
    ["--at 2026-12-01T08:00", { at: "2026-12-01 08:00" }],
    ["--lang sv", { lang: "sv" }],
    ["--lang=norsk", { lang: "nb" }],
  ])("%s", (text, flags) => {
    expect(lineOf(`bulk ${text} department:Lager`)).toEqual({
      verb: "bulk",
      words: [],
      selection: [department("Lager")],
      saved: [],
      flags: { ...plain, ...flags },
    });
  });

  it.each<[string, ParseProblem]>([
    ["--forse", { kind: "unknown-flag", found: "--forse", suggestion: "--force" }],
    ["-force", { kind: "unknown-flag", found: "-force", suggestion: "--force" }],
    ["--department Lager", { kind: "unknown-flag", found: "--department", suggestion: "department:" }],
    ["--force=yes", { kind: "bad-value", found: "--force=yes", example: "--force" }],
    ["--reason", { kind: "missing-value", found: "--reason", example: '--reason "asked for it by phone"' }],
    ["--reason --force", { kind: "missing-value", found: "--reason", example: '--reason "asked for it by phone"' }],
    ["--at tomorrow", { kind: "bad-value", found: "--at tomorrow", example: '--at "2026-12-01 08:00"' }],
    ['--at "2026-02-30 08:00"', { kind: "bad-value", found: "--at 2026-02-30 08:00", example: '--at "2026-12-01 08:00"' }],
    ['--at "2026-12-01 25:00"', { kind: "bad-value", found: "--at 2026-12-01 25:00", example: '--at "2026-12-01 08:00"' }],
    ["--lang klingon", { kind: "unknown-value", key: "--lang", found: "klingon", suggestion: null, allowed: [...LANGUAGES] }],
    ["--lang swedis", { kind: "unknown-value", key: "--lang", found: "swedis", suggestion: "swedish", allowed: [...LANGUAGES] }],
  ])("%s is a problem", (text, problem) => {
    expect(problemOf(`bulk ${text}`)).toEqual(problem);
  });
});

describe("whole lines", () => {
  const word = (text: string) => ({ text, quoted: false });
  it.each<[string, Partial<Line>]>([
    ["help resend", { verb: "help", words: [word("resend")] }],
    [
      "resend anna@company.example --force --reason lost",
      { verb: "resend", words: [word("anna@company.example")], flags: { ...plain, force: true, reason: "lost" } },
    ],
    ["set-email 4711", { verb: "set-email", words: [word("4711")] }],
    ["job B-117 pause", { verb: "job", words: [word("B-117"), word("pause")] }],
    ["approve B-117", { verb: "approve", words: [word("B-117")] }],
    [
      "remind add after 7d every 3d max 3 department:Lager",
      { verb: "remind", words: ["add", "after", "7d", "every", "3d", "max", "3"].map(word), selection: [department("Lager")] },
    ],
    ["import apply I-9", { verb: "import", words: [word("apply"), word("I-9")] }],
    ["export department:Lager csv", { verb: "export", words: [word("csv")], selection: [department("Lager")] }],
    ["audit export", { verb: "audit", words: [word("export")] }],
    ["lang sv", { verb: "lang", words: [word("sv")] }],
    ["skicka avdelning:Lager", { verb: "resend", selection: [department("Lager")] }],
  ])("%s", (text, line) => {
    expect(lineOf(text)).toEqual({ words: [], selection: [], saved: [], flags: plain, ...line });
  });
});
