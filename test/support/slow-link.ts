/** A TCP link on loopback that can be made slow, or so bad that nothing gets through while every connection stays open. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";

export type SlowLink = {
  /** The same address, by way of this link. */
  url: string;
  /** Each packet from now on arrives so much later. */
  delay(ms: number): void;
  /** Nothing arrives until `release`; then all of it does. */
  hold(): void;
  release(): void;
};

export async function slowLink(target: string): Promise<SlowLink> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let open = Promise.withResolvers<void>();
  open.resolve();

  const pass = (from: Socket, to: Socket): void => {
    let passed = Promise.resolve();
    const passOn = async (before: Promise<void>, chunk: Buffer, due: number): Promise<void> => {
      await before;
      await wait(Math.max(0, due - performance.now()));
      await open.promise;
      if (!to.destroyed) to.write(chunk);
    };
    from.on("data", (chunk) => {
      passed = passOn(passed, chunk, performance.now() + delayMs);
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      void passed.then(() => to.end());
    });
    sockets.add(from);
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    pass(client, upstream);
    pass(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    open.resolve();
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    delay: (ms) => (delayMs = ms),
    hold: () => (open = Promise.withResolvers()),
    release: () => open.resolve(),
  };
}
