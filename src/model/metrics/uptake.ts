import { findHotRegions, type HotRegion, maxIn, meanIn, type Volume } from './hot-regions.ts';

/** What became of the hot regions of a reference in a result. */
export interface UptakeChange {
  readonly regions: number;
  /** SUVmean of the result against the reference per region, %; the same for SUVmax. */
  readonly suvMeanPercent: readonly number[];
  readonly suvMaxPercent: readonly number[];
  /** Regions whose SUVmax fell below half. */
  readonly lost: number;
  /** Regions of the result where the reference stays below half of their SUVmax. */
  readonly appeared: number;
}

/** A region is lost, or new, when the other volume shows less than this share of its maximum. */
const presence = 0.5;

/** Compares hot regions (model-spec.md 4.2); both volumes have one geometry. */
export function compareUptake(reference: Volume, result: Volume): UptakeChange {
  const regions = findHotRegions(reference);
  return {
    regions: regions.length,
    suvMeanPercent: regions.map((region) => percent(meanIn(result, region.voxels), region.suvMean)),
    suvMaxPercent: regions.map((region) => percent(maxIn(result, region.voxels), region.suvMax)),
    lost: regions.filter((region) => missingFrom(result, region)).length,
    appeared: findHotRegions(result).filter((region) => missingFrom(reference, region)).length,
  };
}

function missingFrom(volume: Volume, region: HotRegion): boolean {
  return maxIn(volume, region.voxels) < presence * region.suvMax;
}

/** Σ of a volume, SUV. */
export function totalActivity(volume: Volume): number {
  let sum = 0;
  for (const slice of volume.slices) for (const value of slice) sum += value;
  return sum;
}

function percent(value: number, reference: number): number {
  return 100 * (value / reference - 1);
}
