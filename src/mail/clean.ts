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

/** A mail server's answer for people and logs: its last line, without addresses, at most 300 characters. */
export function cleanAnswer(answer: string): string {
  const last = answer.trim().split(/\r?\n/).at(-1) ?? "";
  return oneLine(last.replaceAll(/<[^<>\s]*@[^<>\s]*>|[^\s<>"'(),:;]+@[^\s<>"'(),:;]+/g, "<address>")).slice(0, 300);
}
