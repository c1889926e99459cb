import type { NodeConfig } from '../../config/schema.ts';
import type { GateValue } from '../../ledger/ledger.ts';
import { boxSums, erode, type Mask } from '../../model/degrade/masks.ts';
import { judged, Mean, type Measure, type SlicePair } from './measure.ts';

type ShiftLimits = NodeConfig['gate']['ct-denoising']['meanShiftHu'];

/** HU ranges of model-spec.md 4.2. */
const tissues: Readonly<Record<keyof ShiftLimits, readonly [above: number, below: number]>> = {
  air: [Number.NEGATIVE_INFINITY, -900],
  lung: [-900, -500],
  fat: [-150, -50],
  softTissue: [0, 100],
  bone: [200, Number.POSITIVE_INFINITY],
};

/** Fewer voxels over the series say nothing about a mean. */
const fewestVoxels = 500;
const smoothingRadius = 2;

/**
 * Shift of the mean HU of each tissue, output − input. Tissues are found in the smoothed input: classes cut out of noise
 * would find a shift in every denoiser, since noise is what lifts a voxel over a threshold.
 */
export class CtMeanShift implements Measure {
  readonly #limits: ShiftLimits;
  readonly #shifts = new Map<keyof ShiftLimits, Mean>();

  constructor(limits: ShiftLimits) {
    this.#limits = limits;
  }

  add({ rows, columns, input, output, kept }: SlicePair): void {
    const size = (2 * smoothingRadius + 1) ** 2;
    const smoothed = boxSums(input, rows, columns, smoothingRadius).map((sum) => sum / size);
    for (const tissue of tissueNames) {
      const [above, below] = tissues[tissue];
      const on = Uint8Array.from(smoothed, (hu, at) => (hu > above && hu < below && kept[at] === 0 ? 1 : 0));
      this.#measure(tissue, erode({ rows, columns, on }, 1), input, output);
    }
  }

  values(): readonly GateValue[] {
    return tissueNames.flatMap((tissue) => {
      const shift = this.#shifts.get(tissue);
      if (shift === undefined || shift.count < fewestVoxels) return [];
      return [judged(`mean-shift-hu-${tissue}`, Math.abs(shift.value), { upper: this.#limits[tissue] })];
    });
  }

  #measure(tissue: keyof ShiftLimits, mask: Mask, input: Float64Array, output: Float64Array): void {
    const mean = this.#shifts.get(tissue) ?? new Mean();
    this.#shifts.set(tissue, mean);
    for (let at = 0; at < input.length; at++) {
      if (mask.on[at] === 1) mean.add((output[at] ?? Number.NaN) - (input[at] ?? 0));
    }
  }
}

const tissueNames: readonly (keyof ShiftLimits)[] = ['air', 'lung', 'fat', 'softTissue', 'bone'];
