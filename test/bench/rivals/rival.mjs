/** What the rivals have in common: each is asked once, sends through a nodemailer pool, and answers when the last mail is taken. */
import { createTransport } from "nodemailer";

const CONNECTIONS = 10;

/** Answers the ask with `run`'s end, or with why there is none, and ends with its parent after `cleanUp`. */
export function answerOnce(run, cleanUp = async () => undefined) {
  process.on("message", (ask) =>
    run(ask).then(
      (end) => process.send(end),
      (error) => process.send({ failed: error.message || error.code }),
    ),
  );
  // Ctrl-C reaches the parent too: its end is what counts.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => cleanUp().finally(() => process.exit()));
  process.send("ready");
}

/** `words` are mails that hold `link` where the rival's own link goes. `lastTaken` settles with the last of `mails`. */
export function openMailer({ sinkPort, mails, words, link }) {
  const pool = createTransport({
    host: "127.0.0.1",
    port: sinkPort,
    ignoreTLS: true,
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: Infinity,
    allowInternalNetworkInterfaces: true,
  });
  const lastTaken = Promise.withResolvers();
  let begun = 0;
  let taken = 0;
  const send = async (to, ownLink) => {
    const { subject, text, html } = words[begun++ % words.length];
    await pool.sendMail({
      from: { name: "Verify", address: "verify@acme.example" },
      to,
      subject,
      text: text.replaceAll(link, ownLink),
      html: html.replaceAll(link, ownLink.replaceAll("&", "&amp;")),
    });
    taken += 1;
    if (taken === mails) lastTaken.resolve();
  };
  return { send, lastTaken: lastTaken.promise };
}

/** Calls `work(index)` for every index below `count`, `atOnce` of them at a time. */
export async function forEachIndex(count, atOnce, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
