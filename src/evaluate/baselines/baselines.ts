import { keptFrequencies, type Plane } from '../../model/degrade/k-space.ts';
import { estimateCtNoise } from '../../model/estimators/ct-noise.ts';
import { laplacianNoise } from '../../model/estimators/laplacian-noise.ts';
import { quantile } from '../../model/metrics/summary.ts';
import type { Task } from '../../model/tasks.ts';
import { lanczosFromBand } from './lanczos.ts';
import { nonLocalMeans } from './non-local-means.ts';

/** A method without weights: physical values of a low-quality slice in, its guess at high quality out. */
export interface Baseline {
  readonly name: 'non-local-means' | 'zero-filling' | 'lanczos-3';
  readonly run: (slice: Plane) => Float64Array;
}

/** Factor of the nominal truncation, per axis. */
const truncation = 4;

/** The baselines of a task, with fixed parameters; `slices` are all inputs of the series (model-spec.md 4.2). */
export function baselinesOf(task: Task, slices: readonly Plane[]): readonly Baseline[] {
  switch (task) {
    case 'mri-super-resolution':
      return [
        { name: 'zero-filling', run: (slice) => slice.values },
        { name: 'lanczos-3', run: (slice) => lanczosFromBand(slice, nominalBand(slice)) },
      ];
    case 'ct-denoising': {
      const sigmaHu = ctSigma(slices);
      return [
        { name: 'non-local-means', run: (slice) => nonLocalMeans(slice, estimateCtNoise(slice).sigmaHu ?? sigmaHu) },
      ];
    }
    case 'pet-synthesis':
      return [{ name: 'non-local-means', run: (slice) => nonLocalMeans(slice, petSigma(slice)) }];
    default:
      return task satisfies never;
  }
}

function nominalBand({ rows, columns }: Plane): { readonly rows: number; readonly columns: number } {
  return { rows: keptFrequencies(rows, truncation), columns: keptFrequencies(columns, truncation) };
}

/** For slices that show too little soft tissue: the median of the others, or white noise alone. */
function ctSigma(slices: readonly Plane[]): number {
  const known = slices.map((slice) => estimateCtNoise(slice).sigmaHu).filter((sigma) => sigma !== undefined);
  if (known.length > 0) return quantile(known, 0.5);
  const [first] = slices;
  return (first && laplacianNoise(first, (hu) => hu >= -150 && hu <= 200)) ?? 0;
}

/** Above 15 % of the slice's 99th percentile. */
function petSigma(slice: Plane): number {
  const threshold = 0.15 * quantile(Array.from(slice.values), 0.99);
  return laplacianNoise(slice, (suv) => suv > threshold) ?? 0;
}
