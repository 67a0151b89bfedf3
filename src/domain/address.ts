/**
 * Mail addresses as typed or imported. Only a dot-atom local part and a DNS domain: no quotes, comments, groups or IP literals.
 * @see RFC 5321 §4.1.2, RFC 6531 §3.3, UTS #46
 */

export const ADDRESS_PROBLEMS = ["empty", "too-long", "no-at", "character", "local-part", "domain"] as const;
export type AddressProblem = (typeof ADDRESS_PROBLEMS)[number];

export type ReadAddress =
  | {
      ok: true;
      /** As it was entered, in NFC. */
      address: string;
      /** Two addresses are the same when their keys are equal. The local part is folded in ASCII only, so that look-alikes from other scripts stay other people. */
      key: string;
      /** What goes on the wire: the domain in ASCII. */
      wire: string;
      /** A relay without SMTPUTF8 cannot carry it. */
      needsSmtpUtf8: boolean;
      /** The address mixes scripts or holds look-alikes of ASCII letters. The admin is told. */
      warning?: "mixed-script";
    }
  | { ok: false; problem: AddressProblem };

const MAX_LOCAL_BYTES = 64;
const MAX_BYTES = 254;
const MAX_LABEL = 63;

/** Controls, spaces, invisible and bidirectional format characters, private use, unassigned. */
const FORBIDDEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
const ATOM = /^(?!\p{M})(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|(?!\p{ASCII})[\p{L}\p{M}\p{N}])+$/u;
const NOT_IN_DOMAIN = /(?![A-Za-z0-9.-])\p{ASCII}/u;
/** Needs no mapping: only lower-casing. */
const PLAIN_DOMAIN = /^(?!.*xn--)[a-z0-9.-]+$/;
/** A last label like these makes it an IPv4 address. */
const NUMBER = /^(?:\d+|0x[0-9a-f]*)$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const SCRIPTS = [
  "Latin",
  "Cyrillic",
  "Greek",
  "Armenian",
  "Hebrew",
  "Arabic",
  "Georgian",
  "Cherokee",
  "Han",
  "Hangul",
  "Hiragana",
  "Katakana",
];
const SCRIPT_TESTS = SCRIPTS.map((script) => new RegExp(`\\p{Script=${script}}`, "u"));

/** Strict: the caller trims surrounding spaces. */
export function readAddress(text: string): ReadAddress {
  const no = (problem: AddressProblem): ReadAddress => ({ ok: false, problem });
  if (text === "") return no("empty");
  if (text.length > MAX_BYTES) return no("too-long");
  if (!text.isWellFormed() || FORBIDDEN.test(text)) return no("character");
  const cut = text.lastIndexOf("@");
  if (cut === -1) return no("no-at");

  const typedLocal = text.slice(0, cut);
  // NFC turns a few signs into ASCII, the Kelvin sign into K: that would make one person's address another's.
  if (Array.from(typedLocal).some((each) => !isAscii(each) && isAscii(each.normalize("NFC")))) return no("character");
  const local = typedLocal.normalize("NFC");
  if (!isDotAtom(local)) return no("local-part");
  if (bytesIn(local) > MAX_LOCAL_BYTES) return no("too-long");

  const typedDomain = text.slice(cut + 1).normalize("NFC");
  const domain = asciiDomain(typedDomain);
  if (domain === undefined) return no("domain");
  if (bytesIn(local) + 1 + Math.max(domain.length, bytesIn(typedDomain)) > MAX_BYTES) return no("too-long");

  const address = `${local}@${typedDomain}`;
  return {
    ok: true,
    address,
    key: `${local.replaceAll(/[A-Z]+/g, (upper) => upper.toLowerCase())}@${domain}`,
    wire: `${local}@${domain}`,
    needsSmtpUtf8: !isAscii(local),
    ...(looksMixed(address) ? { warning: "mixed-script" } : {}),
  };
}

function isDotAtom(local: string): boolean {
  return local.split(".").every((atom) => ATOM.test(atom));
}

/** The domain by UTS-46 as LDH labels with at least one dot; undefined where it is none. */
function asciiDomain(domain: string): string | undefined {
  if (domain === "" || NOT_IN_DOMAIN.test(domain)) return undefined;
  const lower = domain.toLowerCase();
  const ascii = PLAIN_DOMAIN.test(lower) ? lower : URL.parse(`http://${domain}`)?.hostname;
  if (ascii === undefined) return undefined;
  const labels = ascii.split(".");
  const whole = labels.length > 1 && labels.every((label) => label.length <= MAX_LABEL && LABEL.test(label));
  return whole && !NUMBER.test(labels.at(-1) ?? "") ? ascii : undefined;
}

function looksMixed(address: string): boolean {
  if (isAscii(address)) return false;
  return SCRIPT_TESTS.filter((script) => script.test(address)).length > 1 || Array.from(address).some(isLookAlike);
}

/** Full-width letters, dotless ı, long ſ: not ASCII, but other software folds them to it. */
function isLookAlike(character: string): boolean {
  if (isAscii(character)) return false;
  const upper = character.toUpperCase();
  return isAscii(character.normalize("NFKC")) || (upper.length === 1 && isAscii(upper));
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}

function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length;
}
