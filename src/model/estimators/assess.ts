import { findSupport, type KSpaceSupport } from '../degrade/interpolated-support.ts';
import type { Plane } from '../degrade/k-space.ts';
import { quantile } from '../metrics/summary.ts';
import type { Task } from '../tasks.ts';
import { estimateCtNoise } from './ct-noise.ts';
import { estimatePetNoise } from './pet-noise.ts';

/** How degraded an input is: CT noise σ_f in HU, MR share of k-space that is filled, PET relative noise. */
export interface Assessment {
  readonly measure: 'noise-hu' | 'k-space-share' | 'relative-noise';
  /** Median over the slices that could be measured; `undefined` when none could. */
  readonly value: number | undefined;
  /** MR only: per axis, for the gate. */
  readonly support: KSpaceSupport | undefined;
}

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
