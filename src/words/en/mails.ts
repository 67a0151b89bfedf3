/** The mails. */
export const mails = {
  verification: {
    subject: (p: { organisation: string }) => `Confirm your login address at ${p.organisation}`,
    hello: (p: { name: string }) => `Hi ${p.name},`,
    helloAnyone: "Hi,",
    ask: (p: { organisation: string }) =>
      `${p.organisation} has registered this address for your login. Confirm that it is yours, and you can choose a password and log in.`,
    button: "Confirm my address",
    until: (p: { expires: string }) => `The link works until ${p.expires}.`,
    copy: "If the button does not work, open this link in your browser:",
    notYou:
      "Was this not meant for you? Then you need not do anything: nothing changes unless you confirm. We never ask for your password in a mail.",
    sender: (p: { organisation: string }) => `This mail was sent on behalf of ${p.organisation}.`,
  },
  addressChanged: {
    subject: (p: { organisation: string }) => `Your login address at ${p.organisation} was changed`,
    changed: (p: { organisation: string }) =>
      `Your login at ${p.organisation} now uses another address. This one no longer works for logging in.`,
    notYou: "Did you not ask for this? Tell your administrator at once.",
  },
};
