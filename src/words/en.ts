/** English, and with it the shape of every catalogue: a missing key or a wrong parameter in another language does not compile. */
export const en = {
  language: "en",
  locale: "en-GB",
  /** What the bot says in chat. */
  replies: {},
  /** The web pages. */
  pages: {},
  /** The mails. */
  mails: {},
};

export type Words = typeof en;
