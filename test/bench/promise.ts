/** What the bench prints: one line a promise. */
export type Measured = { name: string; value: string; promise: string; ok: boolean };

/** `quick` measures the same on smaller numbers. */
export type Size = "full" | "quick";

const round = (value: number): number => Number(value.toPrecision(3));

/** A ratio, a time or a size that has to reach `least`. */
export function atLeast(name: string, value: number, least: number, unit: string): Measured {
  return { name, value: `${round(value)}${unit}`, promise: `≥ ${least}${unit}`, ok: value >= least };
}

/** A ratio, a time or a size that must not pass `most`. */
export function atMost(name: string, value: number, most: number, unit: string): Measured {
  return { name, value: `${round(value)}${unit}`, promise: `≤ ${most}${unit}`, ok: value <= most };
}

/** The value below which the `share` of all values lie; `values` need not be sorted. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

export const median = (values: number[]): number => quantile(values, 0.5);
