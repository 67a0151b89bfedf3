/** A user's connection. It is derived from columns, never stored as a word. */
export type Connection = "no-address" | "pending" | "connected" | "deactivated";

export type ConnectionFacts = { activated: boolean; hasAddress: boolean; verified: boolean };

export function connectionOf(user: ConnectionFacts): Connection {
  if (!user.activated) return "deactivated";
  if (!user.hasAddress) return "no-address";
  return user.verified ? "connected" : "pending";
}

export const LANGUAGES = ["en", "sv", "nb", "da", "fi"] as const;
export type Language = (typeof LANGUAGES)[number];

const LANGUAGE_ALIASES = new Map<string, Language>([
  ["no", "nb"],
  ["nn", "nb"],
  ["se", "sv"],
  ["dk", "da"],
]);

/** The language of a tag such as `sv`, `sv-SE`, `no` or `nn_NO`, or undefined where it is not one of ours. */
export function languageOf(tag: string | null | undefined): Language | undefined {
  const primary = (tag ?? "").toLowerCase().split(/[-_]/)[0] ?? "";
  return LANGUAGES.find((language) => language === primary) ?? LANGUAGE_ALIASES.get(primary);
}

/** `anna@acme.se` → `a***@acme.se`: the owner recognises it, nobody else can use it. */
export function maskAddress(address: string): string {
  const cut = address.lastIndexOf("@");
  const [first = ""] = address;
  return `${first}***${address.slice(cut)}`;
}

export function firstNameOf(name: string): string {
  return name.trim().split(/\s+/)[0] ?? name;
}
