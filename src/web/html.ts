/** HTML that has been escaped. */
export type Html = { readonly markup: string };

type Value = Html | string | number | undefined | Value[];

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function markupOf(value: Value): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map(markupOf).join("");
  if (typeof value === "object") return value.markup;
  return String(value).replaceAll(/[&<>"']/g, (each) => ENTITIES[each] ?? "");
}

/** Every value put in is escaped, for text and for quoted attributes alike, unless it is `Html` already. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  return { markup: String.raw({ raw: strings }, ...values.map(markupOf)) };
}
