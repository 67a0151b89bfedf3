/** Makes text safe for where it stands in a mail: one function per place. */

/** Controls, line and paragraph separators, bidirectional overrides, lone surrogates and the marks of a prepared mail. */
const UNSPOKEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ue000\ue001]|\p{Surrogate}/gu;

/** One line of visible text: what could end a line, hide or reorder text becomes a space. */
export function oneLine(text: string): string {
  return text.replaceAll(UNSPOKEN, " ").replaceAll(/\s+/g, " ").trim();
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** For HTML text and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

const MOST_READ = 2_000;

/** A mail server's answer for people and logs: its last line, without addresses, at most 300 characters. An endless last word is left out. */
export function cleanAnswer(answer: string): string {
  const whole = answer.trimEnd();
  const last = whole.slice(whole.lastIndexOf("\n") + 1);
  const cut = last.length > MOST_READ ? last.slice(0, Math.max(0, last.lastIndexOf(" ", MOST_READ))) : last;
  return oneLine(cut.replaceAll(/<[^<>\s]*>|[^\s<>"'(),:;]+/g, (word) => (holdsAddress(word) ? "<address>" : word))).slice(0, 300);
}

function holdsAddress(word: string): boolean {
  const bare = word.startsWith("<") ? word.slice(1, -1) : word;
  return word.startsWith("<") ? bare.includes("@") : bare.slice(1, -1).includes("@");
}
