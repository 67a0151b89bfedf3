/** What Teams takes, as data. @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages */
export const LIMITS = {
  body: 256 * 1024,
  /** Deeper than anything Teams sends; deeper still is an attack on recursive readers. */
  nesting: 100,
  skewSeconds: 300,
  /** An invoke is answered within 5 s, a message within 15 s. */
  invokeMs: 4000,
  messageMs: 10_000,
  /** A card, as JSON. Teams refuses messages of 28 KB and cuts none. */
  cardBytes: 24 * 1024,
  /** A file that is handed over. */
  fileBytes: 10 * 1024 * 1024,
  text: 3000,
  fallback: 1000,
  fact: 1000,
  listRows: 50,
  listTitle: 200,
  listDetail: 400,
  actionsPerSet: 6,
  button: 75,
  title: 64,
  label: 500,
  options: 100,
  suggestions: 15,
  option: 100,
  inputLength: 3000,
} as const;
