import { createPhilox } from '../philox.ts';

/** Mean, median and 5th percentile of figures; `undefined` for none. */
export interface Summary {
  readonly mean: number;
  readonly median: number;
  readonly percentile5: number;
}

export function summarise(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined;
  return { mean: meanOf(values), median: quantile(values, 0.5), percentile5: quantile(values, 0.05) };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Linear interpolation between the two nearest ranks. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const a = sorted[below] ?? Number.NaN;
  return a + (place - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] ?? a) - a);
}

/** Interval of the mean with 95 % coverage, by resampling whole groups: slices of one patient are not independent. */
export function bootstrapInterval(
  groups: readonly (readonly number[])[],
  draws = 1000,
): { readonly low: number; readonly high: number } | undefined {
  const filled = groups.filter((group) => group.length > 0);
  if (filled.length < 2) return undefined;
  const words = createPhilox([1, 2]);
  const means = Array.from({ length: draws }, (_, draw) => {
    const picked = filled.map((_group, i) => filled[(words(i, draw, 0, 0)[0] ?? 0) % filled.length] ?? []);
    return meanOf(picked.flat());
  });
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}
