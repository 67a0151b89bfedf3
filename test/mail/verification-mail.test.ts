import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../src/domain/user.ts";
import { verificationMail } from "../../src/mail/verification-mail.ts";
import { wordsIn } from "../../src/words/words.ts";

const facts = {
  name: "Anna Berg",
  organisationName: "Acme Lager AB",
  link: "https://verify.example/verify/v1.1.7.abc",
  expiresAt: new Date("2026-11-25T13:05:00Z"),
  timeZone: "Europe/Stockholm",
};

describe.each(LANGUAGES)("in %s", (language) => {
  const mail = verificationMail(facts, wordsIn(language));

  it("names the person, the organisation and the end of the link, and gives the link in both parts", () => {
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain("Anna");
      expect(part).not.toContain("Berg");
      expect(part).toContain("Acme Lager AB");
      expect(part).toMatch(/14[:.]05/);
      expect(part).toContain(facts.link);
    }
    expect(mail.subject).toContain("Acme Lager AB");
  });

  it("says that it is written in this language, and has one button", () => {
    expect(mail.html).toContain(`<html lang="${language}">`);
    expect(mail.html.match(/class="button"/g)).toHaveLength(1);
  });

  it("is worded in its own language", () => {
    expect(mail.text.includes("Confirm my address")).toBe(language === "en");
    expect(mail).toMatchSnapshot();
  });
});

it("shows a hostile name as text", () => {
  const { html, text, subject } = verificationMail(
    { ...facts, name: "<img/src=x/onerror=alert(1)> B", organisationName: 'A"><script>\r\nBcc: x' },
    wordsIn("en"),
  );
  expect(html).not.toMatch(/<img|<script/);
  expect(html).toContain("&lt;img/src=x/onerror=alert(1)&gt;");
  expect(subject).not.toMatch(/[\r\n]/);
  expect(text).toContain("<img/src=x/onerror=alert(1)>");
});

it("greets someone without a name all the same", () => {
  expect(verificationMail({ ...facts, name: " " }, wordsIn("sv")).text).toMatch(/^Hej!\n/);
});
