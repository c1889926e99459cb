import { keptFrequencies, type Plane } from '../model/degrade/k-space.ts';
import { compareSlices, type SliceFigures } from '../model/metrics/compare-slices.ts';
import type { Volume } from '../model/metrics/hot-regions.ts';
import { addHuShift, meanShiftHu, noHuShift, tissues } from '../model/metrics/hu-shift.ts';
import { addBandEnergy, inconsistency, noBandEnergy } from '../model/metrics/k-space-consistency.ts';
import { summarise } from '../model/metrics/summary.ts';
import { compareUptake, totalActivity } from '../model/metrics/uptake.ts';
import type { Task } from '../model/tasks.ts';
import type { HuShiftFigures, MethodOnSeries, Practice, UptakeFigures } from './report.ts';

/** One slice of a series: reference, low-quality input and a method's result, in physical values. */
export interface Trial {
  readonly reference: Plane;
  readonly input: Float64Array;
  readonly result: Float64Array;
}

export interface VoxelSize {
  readonly pixelMm: number;
  readonly sliceMm: number;
}

/** Measures one method on one series: AMIR's figures per slice and what matters in practice. */
export function measureMethod(task: Task, trials: readonly Trial[], size: VoxelSize): MethodOnSeries {
  const slices = trials
    .map(({ reference, result }) => compareSlices(reference, result, task))
    .filter((figures): figures is SliceFigures => figures !== undefined);
  return { slices, practice: measurePractice(task, trials, size) };
}

function measurePractice(task: Task, trials: readonly Trial[], size: VoxelSize): Practice {
  switch (task) {
    case 'ct-denoising':
      return { huShift: huShiftOf(trials) };
    case 'pet-synthesis':
      return { uptake: uptakeOf(trials, size) };
    case 'mri-super-resolution':
      return { kSpaceInconsistency: inconsistencyOf(trials) };
    default:
      return task satisfies never;
  }
}

function huShiftOf(trials: readonly Trial[]): HuShiftFigures {
  const shift = trials.reduce(
    (total, { reference, result }) => addHuShift(total, reference, reference.values, result),
    noHuShift(),
  );
  const known = tissues.map((tissue) => [tissue, meanShiftHu(shift, tissue)] as const);
  return Object.fromEntries(known.filter(([, meanHu]) => meanHu !== undefined));
}

function uptakeOf(trials: readonly Trial[], size: VoxelSize): UptakeFigures {
  const [first] = trials;
  const shape = { rows: first?.reference.rows ?? 0, columns: first?.reference.columns ?? 0, ...size };
  const reference: Volume = { ...shape, slices: trials.map((trial) => trial.reference.values) };
  const result: Volume = { ...shape, slices: trials.map((trial) => trial.result) };
  const { regions, suvMeanPercent, suvMaxPercent, lost, appeared } = compareUptake(reference, result);
  return {
    regions,
    suvMeanPercent: summarise(suvMeanPercent),
    suvMaxPercent: summarise(suvMaxPercent),
    lost,
    appeared,
    totalActivityRatio: totalActivity(result) / totalActivity(reference),
  };
}

/** Over the rectangle that the nominal truncation keeps; the reference's own figure is the floor. */
function inconsistencyOf(trials: readonly Trial[]): number {
  const energy = trials.reduce((total, { reference, input, result }) => {
    const { rows, columns } = reference;
    const band = { rows: keptFrequencies(rows, 4), columns: keptFrequencies(columns, 4) };
    return addBandEnergy(total, { rows, columns, values: input }, result, band);
  }, noBandEnergy);
  return inconsistency(energy);
}
