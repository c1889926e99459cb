import { findSupport, type KSpaceSupport } from '../model/degrade/interpolated-support.ts';
import type { Plane } from '../model/degrade/k-space.ts';
import { estimateCtNoise } from '../model/estimators/ct-noise.ts';
import { estimatePetNoise } from '../model/estimators/pet-noise.ts';
import { quantile } from '../model/metrics/summary.ts';
import type { Task } from '../model/tasks.ts';

/** How degraded an input is: CT noise σ_f in HU, MR share of k-space that is filled, PET relative noise. */
export interface Assessment {
  readonly measure: 'noise-hu' | 'k-space-share' | 'relative-noise';
  /** Median over the slices that could be measured; `undefined` when none could. */
  readonly value: number | undefined;
  /** MR only: per axis, for the gate. */
  readonly support: KSpaceSupport | undefined;
}

/** Range of a measure that training has seen, from the weights' card. */
export interface TrainedRange {
  readonly lower: number;
  readonly upper: number;
}

export type Applicability =
  | { readonly kind: 'inside' }
  /** Nothing to restore, or more than was ever seen; the text says which, with figures. */
  | { readonly kind: 'outside'; readonly text: string }
  /** The series shows too little to measure, or the card holds no range. */
  | { readonly kind: 'unknown'; readonly text: string };

/** Slices that are measured of a long series, evenly chosen: the medians of more do not differ. */
const mostSlices = 16;

/** Measures the degradation of a series before it is restored (architecture.md, "Assess"). Values are physical. */
export function assess(task: Task, slices: readonly Plane[], pixelMm: number): Assessment {
  const chosen = evenly(slices);
  switch (task) {
    case 'ct-denoising':
      return {
        measure: 'noise-hu',
        value: median(chosen.map((slice) => estimateCtNoise(slice).sigmaHu)),
        support: undefined,
      };
    case 'pet-synthesis': {
      const noise = chosen.map((slice) => estimatePetNoise(slice, pixelMm));
      return { measure: 'relative-noise', value: median(noise), support: undefined };
    }
    case 'mri-super-resolution': {
      const support = findSupport(chosen, lowestFraction);
      return { measure: 'k-space-share', value: support.rows.fraction * support.columns.fraction, support };
    }
    default:
      return task satisfies never;
  }
}

/** Low enough to see the end of k-space at 4× per axis. */
const lowestFraction = 0.1;

/** Compares an assessment with what training has seen. Less noise, or a fuller k-space, is "nothing to restore". */
export function judgeApplicability({ measure, value }: Assessment, trained: TrainedRange | undefined): Applicability {
  if (value === undefined) return { kind: 'unknown', text: 'the series shows too little to measure its degradation' };
  if (trained === undefined) return { kind: 'unknown', text: 'the card of the weights names no range' };
  const { lower, upper } = trained;
  if (value >= lower && value <= upper) return { kind: 'inside' };
  const milder = measure === 'k-space-share' ? value > upper : value < lower;
  const found = `${shown(measure, value)}, trained ${shown(measure, lower)} to ${shown(measure, upper)}`;
  return { kind: 'outside', text: `${milder ? 'nothing to restore' : 'more degraded than training'}: ${found}` };
}

function shown(measure: Assessment['measure'], value: number): string {
  return measure === 'noise-hu' ? `${value.toFixed(0)} HU` : `${(100 * value).toFixed(0)} %`;
}

function evenly(slices: readonly Plane[]): readonly Plane[] {
  const count = Math.min(mostSlices, slices.length);
  return Array.from({ length: count }, (_, i) => slices[Math.floor(((i + 0.5) * slices.length) / count)]).filter(
    (slice) => slice !== undefined,
  );
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : quantile(known, 0.5);
}
