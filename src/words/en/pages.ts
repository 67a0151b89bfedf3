/** The web pages. */
export const pages = {
  verify: {
    title: "Confirm your address",
    text: (p: { organisation: string }) => `${p.organisation} uses this address for your login. Is it yours?`,
    button: "Confirm",
    note: "Not your address? Then close this page. Nothing happens until you press the button.",
  },
  confirmed: {
    title: "Confirmed. Now set your password",
    text: "Your address is verified. One step is left before you can log in.",
  },
  already: {
    title: "Already confirmed",
    text: "This address is verified. You need not do it again.",
  },
  password: {
    set: "Set your password",
    forgotten: "Forgot your password?",
    logIn: "Log in",
    toLogin: "Go to the login page",
    onLoginPage: "On the login page, choose “Forgot your password?” and follow the steps.",
    elsewhere: "Open the page where you usually log in, choose “Forgot your password?” and follow the steps.",
  },
  expired: {
    title: "This link has expired",
    text: "We can send you a new one, to the same address.",
    button: "Send a new link",
  },
  queued: {
    title: "A new link is on its way",
    text: "Look for the mail in a few minutes, also among your spam. You can close this page.",
  },
  inFlight: {
    title: "A mail is already on its way",
    text: "Look for it in a few minutes, also among your spam. You can close this page.",
  },
  wait: {
    title: "No new mail yet",
    last: (p: { at: string }) => `Latest mail: ${p.at}. Look for it first, also among your spam.`,
    next: (p: { at: string }) => `Next one possible: ${p.at}.`,
    button: "Try again",
  },
  undeliverable: {
    title: "Mail does not reach this address",
    text: "It came back, so we have stopped sending to it. Ask your administrator to check the address.",
  },
  changed: {
    title: "Your address has changed",
    text: "This link belongs to an earlier address. Use the link in the latest mail to your new address, or ask your administrator to send one.",
  },
  inactive: {
    title: "This account is not active",
    text: "It cannot be used to log in at the moment. Ask your administrator.",
  },
  refused: {
    title: "Please open the link again",
    text: "We could not be sure that this came from our own page, so nothing was changed. Open the link in the mail again and press the button there.",
  },
  missing: {
    title: "This page does not exist",
    text: "The link may be incomplete. Open it from the mail again, or copy the whole of it. If that does not help, ask your administrator for a new mail.",
  },
  busy: {
    title: "Back in a moment",
    text: "We cannot answer right now. Nothing was changed. Please try again in a little while.",
  },
  fault: {
    title: "Something went wrong on our side",
    text: (p: { reference: string }) =>
      `Please try again in a little while. If it keeps happening, tell your administrator this reference: ${p.reference}.`,
  },
};
