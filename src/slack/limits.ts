/** What Slack takes, as data, and how text is cut to it. @see https://docs.slack.dev/reference/block-kit */
export const LIMITS = {
  body: 1024 * 1024,
  /** Deeper than anything Slack sends; deeper still is an attack on recursive readers. */
  nesting: 100,
  skewSeconds: 300,
  ackMs: 2500,
  messageBlocks: 50,
  viewBlocks: 100,
  text: 3000,
  fallback: 3000,
  fieldsPerSection: 10,
  facts: 50,
  field: 2000,
  listRows: 50,
  listTitle: 200,
  listDetail: 400,
  buttons: 25,
  button: 75,
  title: 24,
  label: 2000,
  options: 100,
  option: 75,
  optionValue: 150,
  inputLength: 3000,
  privateMetadata: 3000,
  confirm: { title: 100, text: 300, answer: 30 },
} as const;

/** At most `max` UTF-16 units, ending in an ellipsis where something was cut, never in half a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
