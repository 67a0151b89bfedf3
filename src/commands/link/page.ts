/** What a web page says: meaning, no markup. `web/` turns it into HTML and escapes every string in it. */
import { languageOf, type Language } from "../../domain/user.ts";
import type { Words } from "../../words/en.ts";
import { wordsIn } from "../../words/words.ts";
import type { LinkHolder, LinkOutcome, Press } from "./confirm.ts";
import { sayMoment } from "../say.ts";

/** How a page feels; shown as a colour and a sign, never as the only carrier of the meaning. */
export type Mood = "ask" | "done" | "wait" | "stop";

export type PagePart =
  | { kind: "text" | "note" | "address"; text: string }
  | { kind: "press"; press: Press; label: string }
  /** The first one is the one to take. */
  | { kind: "links"; links: { label: string; url: string }[] };

export type Page = { language: Language; mood: Mood; title: string; organisationName: string | undefined; parts: PagePart[] };

/** Where a person logs in, as it has been configured. */
export type LoginPages = { loginUrl: string | undefined; forgotPasswordUrl: string | undefined };

type Known = Extract<LinkOutcome, { holder: LinkHolder }>;

const text = (words: string): PagePart => ({ kind: "text", text: words });

export function sayLink(outcome: Known, login: LoginPages, now: Date): Page {
  const { holder } = outcome;
  const t = wordsIn(holder.language);
  const p = t.pages;
  const address: PagePart = { kind: "address", text: holder.maskedAddress };
  const page = (mood: Mood, title: string, ...parts: PagePart[]): Page => ({
    language: holder.language,
    organisationName: holder.organisationName,
    mood,
    title,
    parts,
  });
  switch (outcome.kind) {
    case "open":
    case "not-needed": {
      const button: PagePart = { kind: "press", press: "confirm", label: p.verify.button };
      const lead = text(p.verify.text({ organisation: holder.organisationName }));
      return page("ask", p.verify.title, lead, address, button, { kind: "note", text: p.verify.note });
    }
    case "confirmed":
      return page("done", p.confirmed.title, text(p.confirmed.text), ...nextStep(t, login, p.password.set));
    case "already-confirmed":
      return page("done", p.already.title, address, text(p.already.text), ...nextStep(t, login, p.password.forgotten));
    case "expired":
      return page("wait", p.expired.title, text(p.expired.text), address, { kind: "press", press: "new-link", label: p.expired.button });
    case "queued":
      return page("ask", p.queued.title, address, text(p.queued.text));
    case "in-flight":
      return page("ask", p.inFlight.title, address, text(p.inFlight.text));
    case "wait": {
      const voice = { t, timeZone: holder.timeZone, now };
      const last = outcome.lastAt ? [text(p.wait.last({ at: sayMoment(outcome.lastAt, voice) }))] : [];
      const next = text(p.wait.next({ at: sayMoment(ceilMinute(outcome.nextAt), voice) }));
      return page("wait", p.wait.title, address, ...last, next, { kind: "press", press: "new-link", label: p.wait.button });
    }
    case "undeliverable":
      return page("stop", p.undeliverable.title, address, text(p.undeliverable.text));
    case "changed":
      return page("stop", p.changed.title, text(p.changed.text));
    case "inactive":
      return page("stop", p.inactive.title, text(p.inactive.text));
  }
}

/** Pages that know nobody: their language is the browser's. */
export function sayMessage(message: "missing" | "refused" | "busy", acceptLanguage: string | undefined): Page {
  const language = preferredLanguage(acceptLanguage);
  const words = wordsIn(language).pages[message];
  return {
    language,
    mood: message === "busy" ? "wait" : "stop",
    title: words.title,
    organisationName: undefined,
    parts: [text(words.text)],
  };
}

/** `reference` is what the log line of the fault carries. */
export function sayFault(reference: string, acceptLanguage: string | undefined): Page {
  const language = preferredLanguage(acceptLanguage);
  const { title, text: words } = wordsIn(language).pages.fault;
  return { language, mood: "stop", title, organisationName: undefined, parts: [text(words({ reference }))] };
}

function nextStep(t: Words, { loginUrl, forgotPasswordUrl }: LoginPages, label: string): PagePart[] {
  const { password } = t.pages;
  if (forgotPasswordUrl !== undefined) {
    const login = loginUrl === undefined ? [] : [{ label: password.logIn, url: loginUrl }];
    return [{ kind: "links", links: [{ label, url: forgotPasswordUrl }, ...login] }];
  }
  if (loginUrl === undefined) return [text(password.elsewhere)];
  return [text(password.onLoginPage), { kind: "links", links: [{ label: password.toLogin, url: loginUrl }] }];
}

function ceilMinute(at: Date): Date {
  return new Date(Math.ceil(at.getTime() / 60_000) * 60_000);
}

/** The first of ours among the wishes of an Accept-Language header, by their weight. */
function preferredLanguage(header = ""): Language {
  const wishes = header
    .slice(0, 500)
    .split(",")
    .map((wish) => {
      const [tag = "", ...rest] = wish.trim().split(";");
      const weight = rest.map((each) => /^\s*q=([\d.]+)\s*$/.exec(each)?.[1]).find((each) => each !== undefined);
      return { language: languageOf(tag), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter((wish) => wish.weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wishes.find((wish) => wish.language !== undefined)?.language ?? "en";
}
