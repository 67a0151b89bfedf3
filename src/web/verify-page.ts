/** `/verify/<token>`: what the link of a verification mail shows. GET changes nothing; the button's POST does. */
import type { ConfirmOutcome, LinkHolder, LinkView, NewLinkOutcome } from "../commands/confirm.ts";
import type { Words } from "../words/en.ts";
import { wordsIn } from "../words/words.ts";
import { html, type Html, type Mood, type Page } from "./html.ts";

/** Where a person logs in, as the organisation has configured it. */
export type LoginPages = { loginUrl: string | undefined; forgotPasswordUrl: string | undefined };

export type VerifyForm = { formToken: string; login: LoginPages };

/** The value of the form's field `do`. */
export type Press = "confirm" | "new-link";

type Shown = LinkView | ConfirmOutcome | NewLinkOutcome;
type Known = Exclude<Shown, { kind: "unknown" }>;

export function verifyPage(shown: Known, form: VerifyForm): Page {
  const { holder } = shown;
  const t = wordsIn(holder.language);
  const p = t.pages;
  const page = (status: number, mood: Mood, title: string, ...body: Html[]): Page => ({
    status,
    t,
    mood,
    title,
    from: holder.organisationName,
    body: html`${body}`,
  });
  const address = html`<p class="address">${holder.maskedAddress}</p>`;
  switch (shown.kind) {
    case "open":
    case "not-needed":
      return page(
        200,
        "ask",
        p.verify.title,
        paragraph(p.verify.text({ organisation: holder.organisationName })),
        address,
        button(form, "confirm", p.verify.button),
        note(p.verify.note),
      );
    case "confirmed":
      return page(200, "done", p.confirmed.title, paragraph(p.confirmed.text), ...passwordSteps(t, form.login, p.password.set));
    case "done":
    case "already-confirmed":
      return page(200, "done", p.already.title, address, paragraph(p.already.text), ...passwordSteps(t, form.login, p.password.forgotten));
    case "spent":
    case "expired":
      return page(410, "wait", p.expired.title, paragraph(p.expired.text), address, button(form, "new-link", p.expired.button));
    case "queued":
      return page(200, "ask", p.queued.title, address, paragraph(p.queued.text));
    case "in-flight":
      return page(200, "ask", p.inFlight.title, address, paragraph(p.inFlight.text));
    case "wait":
      return page(429, "wait", p.wait.title, address, ...waiting(t, holder, shown), button(form, "new-link", p.wait.button));
    case "undeliverable":
      return page(409, "stop", p.undeliverable.title, address, paragraph(p.undeliverable.text));
    case "changed":
      return page(410, "stop", p.changed.title, paragraph(p.changed.text));
    case "inactive":
      return page(410, "stop", p.inactive.title, paragraph(p.inactive.text));
  }
}

const paragraph = (text: string): Html => html`<p>${text}</p>`;
const note = (text: string): Html => html`<p class="note">${text}</p>`;

function button({ formToken }: VerifyForm, press: Press, label: string): Html {
  return html`<form method="post">
    <input type="hidden" name="form" value="${formToken}" />
    <input type="hidden" name="do" value="${press}" />
    <button class="button" type="submit">${label}</button>
  </form>`;
}

function passwordSteps(t: Words, { loginUrl, forgotPasswordUrl }: LoginPages, forgotten: string): Html[] {
  const { password } = t.pages;
  const link = (url: string, label: string, kind: string) => html`<a class="${kind}" href="${url}" rel="noreferrer">${label}</a>`;
  if (forgotPasswordUrl !== undefined) {
    const second = loginUrl === undefined ? undefined : link(loginUrl, password.logIn, "button second");
    return [html`<div class="buttons">${link(forgotPasswordUrl, forgotten, "button")}${second}</div>`];
  }
  if (loginUrl !== undefined) {
    return [paragraph(password.onLoginPage), html`<div class="buttons">${link(loginUrl, password.toLogin, "button")}</div>`];
  }
  return [paragraph(password.elsewhere)];
}

function waiting(t: Words, holder: LinkHolder, { lastAt, nextAt }: { lastAt: Date | null; nextAt: Date }): Html[] {
  const clock = new Intl.DateTimeFormat(t.locale, { dateStyle: "medium", timeStyle: "short", timeZone: holder.timeZone });
  const next = paragraph(t.pages.wait.next({ at: clock.format(ceilMinute(nextAt)) }));
  return lastAt === null ? [next] : [paragraph(t.pages.wait.last({ at: clock.format(lastAt) })), next];
}

function ceilMinute(at: Date): Date {
  return new Date(Math.ceil(at.getTime() / 60_000) * 60_000);
}
