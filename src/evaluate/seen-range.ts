import { type Degradation, nominalDegradation, takesNothing } from '../model/degrade/degradation.ts';
import type { Plane } from '../model/degrade/k-space.ts';
import { assess } from '../model/estimators/assess.ts';
import { quantile } from '../model/metrics/summary.ts';
import { physicalValues, type StoredImage } from '../model/normalise.ts';
import { type Task, tasks } from '../model/tasks.ts';
import type { TrainedRange } from '../model/trained-ranges.ts';
import type { Realisation, Sample } from './shard.ts';

/** Share of the realisations that the range leaves out at either end: single slices measure badly. */
const tail = 0.02;

/** A dose of more than this many times the nominal one is hardly reduced: it teaches restraint. */
const mildestDose = 2;

/**
 * How degraded the realisations are, in the measure of `assess`. What little or nothing was taken from is left out: it
 * is there to be left alone, and a range that held it would call every full-dose scan a case for restoration. CT and
 * PET draw a degradation per slice, MR one per series.
 */
export function assessedOf(task: Task, samples: readonly Sample[]): readonly number[] {
  const pixelMm = samples[0]?.reference.slice.pixelMm ?? 1;
  const levels = groupsOf(task, samples).map((images) => assess(task, images.map(planeOf), pixelMm).value);
  return levels.filter((level) => level !== undefined);
}

/** The range per task over all shards: what the weights may be applied to. */
export function applicabilityOf(
  shards: readonly { readonly task: Task; readonly assessed: readonly number[] }[],
): Readonly<Partial<Record<Task, TrainedRange>>> {
  const ranges = tasks.map((task): [Task, readonly number[]] => [
    task,
    shards.filter((shard) => shard.task === task).flatMap(({ assessed }) => assessed),
  ]);
  const known = ranges.filter(([, levels]) => levels.length > 0);
  return Object.fromEntries(
    known.map(([task, levels]) => [task, { lower: quantile(levels, tail), upper: quantile(levels, 1 - tail) }]),
  );
}

function groupsOf(task: Task, samples: readonly Sample[]): readonly (readonly StoredImage[])[] {
  const counted = (realisation: Realisation | undefined): readonly StoredImage[] =>
    realisation !== undefined && isDegraded(task, realisation.degradation) ? [realisation.image] : [];
  const groups =
    task === 'mri-super-resolution'
      ? (samples[0]?.realisations ?? []).map((_, r) => samples.flatMap(({ realisations }) => counted(realisations[r])))
      : samples.flatMap(({ realisations }) => realisations.map(counted));
  return groups.filter((images) => images.length > 0);
}

function isDegraded(task: Task, degradation: Degradation): boolean {
  const nominal = nominalDegradation(task);
  if (degradation.kind === 'k-space' || nominal.kind === 'k-space') return !takesNothing(degradation);
  return degradation.fraction <= mildestDose * nominal.fraction;
}

function planeOf(image: StoredImage): Plane {
  return { rows: image.rows, columns: image.columns, values: physicalValues(image) };
}
