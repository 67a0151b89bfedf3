/** What runs beside the surfaces: the delivery of mails and the words about it. Alone with `npm run worker`, or inside the web process. */
import type { WorkerDeps } from "../deps.ts";
import { startDelivery, type Pace } from "./deliver.ts";
import { startLoop } from "./loop.ts";
import { postDue } from "./progress.ts";

const POST_POLL_MS = 250;

/** `stop` takes no more work, gives what is on the wire up to 20 s to end, and hands back the rest. */
export function startWorker(deps: WorkerDeps, pace?: Pace): { stop(): Promise<void> } {
  const delivery = startDelivery(deps, pace);
  const talking = startLoop(
    async () => ((await postDue(deps)) > 0 ? 0 : POST_POLL_MS),
    (fault) => {
      deps.log.warn({ step: "post", err: fault }, "what is to be said in chat waits");
      return 500 + deps.random() * 2_000;
    },
  );
  return {
    stop: async () => {
      await delivery.stop();
      await talking.stop();
    },
  };
}
