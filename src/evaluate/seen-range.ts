import type { Plane } from '../model/degrade/k-space.ts';
import { assess } from '../model/estimators/assess.ts';
import { quantile } from '../model/metrics/summary.ts';
import { physicalValues, type StoredImage } from '../model/normalise.ts';
import { type Task, tasks } from '../model/tasks.ts';
import type { TrainedRange } from '../model/trained-ranges.ts';
import type { Sample } from './shard.ts';

/** Share of the realisations that the range leaves out at either end: single slices measure badly. */
const tail = 0.02;

/**
 * How degraded the realisations are, in the measure of `assess`; those that nothing was taken from are left out, since
 * they teach the identity and are nothing to restore. CT and PET draw a degradation per slice, MR one per series.
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
  const degraded = samples.map(({ reference, realisations }) => ({ reference: reference.slice.image, realisations }));
  if (task !== 'mri-super-resolution') {
    return degraded.flatMap(({ reference, realisations }) =>
      realisations.filter((image) => image !== reference).map((image) => [image]),
    );
  }
  const count = degraded[0]?.realisations.length ?? 0;
  const series = Array.from({ length: count }, (_, r) =>
    degraded.flatMap(({ reference, realisations }) => {
      const image = realisations[r];
      return image === undefined || image === reference ? [] : [image];
    }),
  );
  return series.filter((images) => images.length > 0);
}

function planeOf(image: StoredImage): Plane {
  return { rows: image.rows, columns: image.columns, values: physicalValues(image) };
}
