/** A queue in Redis: the jobs are added in bulk, and a worker composes and sends one mail a job. */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { answerOnce, openMailer } from "./rival.mjs";

const AT_ONCE = 50;
const ADDED_AT_ONCE = 1_000;
const NAME = "mails";
const PREFIX = "verify-bot-rivals";

let cleanUp = async () => undefined;

async function run(ask) {
  const connection = new Redis(ask.redisUrl, { maxRetriesPerRequest: null, lazyConnect: true, retryStrategy: () => null });
  let fault;
  connection.on("error", (error) => (fault = error));
  await connection.connect().catch((error) => Promise.reject(fault ?? error));

  const mailer = openMailer(ask);
  const queue = new Queue(NAME, { connection, prefix: PREFIX });
  await queue.obliterate({ force: true });
  const worker = new Worker(NAME, ({ data }) => mailer.send(data.to, data.link), {
    connection,
    prefix: PREFIX,
    concurrency: AT_ONCE,
    removeOnComplete: { count: 0 },
  });
  // Unheard errors are printed, and nobody reads them once the parent has ended.
  worker.on("error", () => undefined);
  cleanUp = async () => {
    await worker.close(true);
    await queue.obliterate({ force: true });
  };
  await worker.waitUntilReady();

  const start = performance.now();
  for (let from = 0; from < ask.mails; from += ADDED_AT_ONCE) {
    await queue.addBulk(Array.from({ length: Math.min(ADDED_AT_ONCE, ask.mails - from) }, (_, index) => jobOf(from + index)));
  }
  await mailer.lastTaken;
  const ms = performance.now() - start;
  await worker.close();
  return { ms };
}

function jobOf(index) {
  const link = `https://verify.acme.example/verify?token=${String(index).padStart(43, "x")}`;
  return {
    name: "verification",
    data: { to: { name: `Many Person ${index}`, address: `bullmq${index}@acme.example` }, link },
    opts: { attempts: 3, backoff: { type: "exponential", delay: 1_000 } },
  };
}

answerOnce(run, () => cleanUp());
