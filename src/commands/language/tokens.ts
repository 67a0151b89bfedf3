/** Text as chat clients send it → text as the person typed it → tokens. */

/** `plain[i]` is false where the character stood in quotes, and so means only itself. */
export type Token = { text: string; plain: boolean[]; quoted: boolean };

const ENTITIES = new Map(Object.entries({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " }));

/** What one line may hold: more than Slack sends of a command. */
export const MOST_CHARACTERS = 4_000;

/**
 * Undoes what Slack, Teams and phones do to text: link and mention markup, entities, smart apostrophes, odd spaces, invisible characters.
 * A person becomes `<@id>`, whatever name was shown with it. At most `MOST_CHARACTERS` are read; `parseLine` refuses longer lines.
 */
export function undoChat(text: string): string {
  return plainCharacters(decodeEntities(withoutMarkup(text.slice(0, MOST_CHARACTERS))))
    .replace(/\s+/g, " ")
    .trim();
}

function withoutMarkup(text: string): string {
  return text
    .replace(/<(?:mailto|tel):([^<>|]*)(?:\|([^<>]*))?>/gi, (_, target: string, shown?: string) => addressOf(target, shown))
    .replace(/<https?:\/\/[^<>|]*\|([^<>]*)>/gi, "$1")
    .replace(/<(https?:\/\/[^<>|]*)>/gi, "$1")
    .replace(/<@([^<>|\s]+)(?:\|[^<>]*)?>/g, "<@$1>")
    .replace(/<#([^<>|\s]+)(?:\|([^<>]*))?>/g, (_, id: string, name?: string) => `#${name || id}`)
    .replace(/<!([^<>|\s]+)(?:\|([^<>]*))?>/g, (_, id: string, name?: string) => name || `@${id}`)
    .replace(/<a\s([^<>]*)>([^<>]*)<\/a>/gi, (_, attributes: string, shown: string) => addressOf(mailtoIn(attributes) ?? shown, shown))
    .replace(/<\/?(?:p|div|br|span)\b[^<>]*>/gi, " ")
    .replace(/^\s*(?:<at\b[^<>]*>[^<>]*<\/at>\s*)+/i, "")
    .replace(/<at\b[^<>]*>([^<>]*)<\/at>/gi, ' "$1" ');
}

/** The address that a link's attributes name. */
function mailtoIn(attributes: string): string | undefined {
  return /href="mailto:([^"]*)"/i.exec(attributes)?.[1];
}

/** What is shown is what the person meant, as long as it is an address. */
function addressOf(target: string, shown: string | undefined): string {
  return shown?.includes("@") ? shown : target.replace(/\?.*$/, "");
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:([a-z]+)|#(\d{1,7})|#x([\da-f]{1,6}));/gi, (whole, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return ENTITIES.get(name.toLowerCase()) ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function plainCharacters(text: string): string {
  return text
    .toWellFormed()
    .normalize("NFC")
    .replace(/\p{Cf}/gu, "")
    .replace(/[\p{Cc}\p{Z}]/gu, " ")
    .replace(/[‘’‚‛ʼ′´＇]/g, "'")
    .trim()
    .replace(/^`+|(?<!`)`+$/g, "");
}

/** Everything that phones and word processors make of a double quotation mark. */
const QUOTES = '"“”„‟«»″〝〞〟＂';
const SINGLE_QUOTED = /'([^'"]+)'(?=[\s,]|$)/y;

/**
 * `unclosed` is the text from a quotation mark that has no end. A straight mark ends at the next straight one, if there is one, so that a name in it may have
 * other marks; every other mark ends at the next of any kind. Within quotes a `\` in front of a mark or of a `\` stands for the second character.
 */
export function tokenize(text: string): { tokens: Token[]; unclosed: string | null } {
  const tokens: Token[] = [];
  let token: Token | null = null;
  let unclosed: string | null = null;
  const put = (piece: string, plain: boolean) => {
    token ??= { text: "", plain: [], quoted: false };
    token.text += piece;
    for (let i = 0; i < piece.length; i += 1) token.plain.push(plain);
    token.quoted ||= !plain;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === " ") {
      if (token) tokens.push(token);
      token = null;
    } else if (QUOTES.includes(character)) {
      const end = endOfQuote(text, at);
      if (end === text.length) unclosed ??= text.slice(at);
      put(unescape(text.slice(at + 1, end)), false);
      at = end;
    } else {
      const single = character === "'" && opensValue(token) ? singleQuoted(text, at) : null;
      put(single ?? character, single === null);
      if (single !== null) at += single.length + 1;
    }
  }
  if (token) tokens.push(token);
  return { tokens, unclosed };
}

/** The index of the mark that closes the one at `open`, or the length of the text. */
function endOfQuote(text: string, open: number): number {
  let other = text.length;
  for (let at = open + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\" && isEscapable(text.charAt(at + 1))) at += 1;
    else if (character === '"') return at;
    else if (QUOTES.includes(character)) {
      if (text.charAt(open) !== '"') return at;
      other = Math.min(other, at);
    }
  }
  return other;
}

const isEscapable = (character: string) => character === "\\" || (character !== "" && QUOTES.includes(character));

function unescape(text: string): string {
  return text.replace(/\\(.)/gsu, (whole, character: string) => (isEscapable(character) ? character : whole));
}

/** The value in quotes, such that `tokenize` reads it back. */
export function quote(value: string): string {
  return `"${Array.from(value, (character) => (isEscapable(character) ? `\\${character}` : character)).join("")}"`;
}

/** An apostrophe opens a quotation only where a value begins; in O'Brien it is a letter. */
function opensValue(token: Token | null): boolean {
  return token === null || (token.plain.at(-1) === true && ":,=".includes(token.text.at(-1) ?? " "));
}

function singleQuoted(text: string, at: number): string | null {
  SINGLE_QUOTED.lastIndex = at;
  return SINGLE_QUOTED.exec(text)?.[1] ?? null;
}

/** The index of the first of these characters that is not in quotes, or -1. */
export function indexOfPlain(token: Token, characters: string): number {
  return [...token.plain.keys()].find((at) => token.plain[at] === true && characters.includes(token.text.charAt(at))) ?? -1;
}

export function sliceToken(token: Token, from: number, to?: number): Token {
  return { text: token.text.slice(from, to), plain: token.plain.slice(from, to), quoted: token.quoted };
}

export function joinTokens(a: Token, b: Token): Token {
  return { text: a.text + b.text, plain: [...a.plain, ...b.plain], quoted: a.quoted || b.quoted };
}

/** The parts between the commas that are not in quotes; empty ones left out. */
export function splitList(token: Token): string[] {
  const values = [""];
  for (const [at, plain] of token.plain.entries()) {
    const character = token.text.charAt(at);
    if (plain && character === ",") values.push("");
    else values[values.length - 1] += character;
  }
  return values.map((value) => value.trim()).filter((value) => value !== "");
}
