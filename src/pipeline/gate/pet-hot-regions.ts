import type { NodeConfig } from '../../config/schema.ts';
import type { GateValue } from '../../ledger/ledger.ts';
import { sigmaOfFwhm, smooth } from '../../model/degrade/gaussian.ts';
import type { Volume } from '../../model/metrics/hot-regions.ts';
import { compareUptake } from '../../model/metrics/uptake.ts';
import { judged, type Measure, type SlicePair } from './measure.ts';

type PetLimits = NodeConfig['gate']['pet-synthesis'];

interface SmoothedPair {
  readonly positionMm: number | undefined;
  readonly input: Float64Array;
  readonly output: Float64Array;
}

/**
 * Hot regions of input and output, both smoothed first, since a noisy input makes hot spots of its own: none vanishes,
 * none appears, and no SUVmean moves further than allowed.
 */
export class PetHotRegions implements Measure {
  readonly #limits: PetLimits;
  readonly #slices: SmoothedPair[] = [];
  #shape: Pick<Volume, 'rows' | 'columns' | 'pixelMm'> | undefined;

  constructor(limits: PetLimits) {
    this.#limits = limits;
  }

  add({ rows, columns, pixelMm, positionMm, input, output }: SlicePair): void {
    this.#shape ??= { rows, columns, pixelMm };
    const sigma = sigmaOfFwhm(this.#limits.hotRegionSmoothingMm) / pixelMm;
    const smoothed = (values: Float64Array) => smooth({ rows, columns, values }, sigma).values;
    this.#slices.push({ positionMm, input: smoothed(input), output: smoothed(output) });
  }

  values(): readonly GateValue[] {
    if (this.#shape === undefined) return [];
    const shape = { ...this.#shape, sliceMm: spacingOf(this.#slices) };
    const before = { ...shape, slices: this.#slices.map(({ input }) => input) };
    const after = { ...shape, slices: this.#slices.map(({ output }) => output) };
    const { suvMeanPercent, lost, appeared } = compareUptake(before, after);
    const worst = suvMeanPercent.reduce((most, percent) => Math.max(most, Math.abs(percent) / 100), 0);
    const { suvMeanShift, vanishedHotRegions, appearedHotRegions } = this.#limits;
    return [
      judged('suv-mean-shift', worst, { upper: suvMeanShift }),
      judged('vanished-hot-regions', lost, { upper: vanishedHotRegions }),
      judged('appeared-hot-regions', appeared, { upper: appearedHotRegions }),
    ];
  }
}

/** Median distance of neighbours; one slice, or no positions, is taken as 1 mm thick. */
function spacingOf(slices: readonly SmoothedPair[]): number {
  const positions = slices.flatMap(({ positionMm }) => positionMm ?? []).toSorted((a, b) => a - b);
  const gaps = positions.slice(1).map((position, index) => position - (positions[index] ?? position));
  const sorted = gaps.filter((gap) => gap > 0).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 1;
}
