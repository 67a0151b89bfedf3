/** Counters for /metrics. A counter is born at its first count; its label names are those of that count. */
import { collectDefaultMetrics, Counter, Registry } from "prom-client";
import type { Meter } from "./deps.ts";

const PREFIX = "verify_bot_";

export type Metrics = { meter: Meter; registry: Registry };

export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();

  const counterOf = (name: string, labelNames: string[]): Counter => {
    const known = counters.get(name);
    if (known) return known;
    const counter = new Counter({ name: `${PREFIX}${name}`, help: name.replaceAll("_", " "), labelNames, registers: [registry] });
    counters.set(name, counter);
    return counter;
  };

  const count: Meter["count"] = (name, labels = {}, by = 1) => counterOf(name, Object.keys(labels)).inc(labels, by);
  return { meter: { count }, registry };
}
