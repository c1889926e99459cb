import type { GateValue } from '../../ledger/ledger.ts';
import { judged, type Measure, type SlicePair } from './measure.ts';

/** Share of the slice's 99th percentile above which a voxel is tissue and not background. */
const foregroundFrom = 0.15;

/** Relative change of the mean of the foreground over the series. */
export class MrMeanIntensity implements Measure {
  readonly #upper: number;
  #input = 0;
  #output = 0;

  constructor(upper: number) {
    this.#upper = upper;
  }

  add({ input, output, kept }: SlicePair): void {
    const sorted = input.toSorted();
    const threshold = foregroundFrom * (sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 0);
    for (let at = 0; at < input.length; at++) {
      const value = input[at] ?? 0;
      if (kept[at] !== 0 || value <= threshold) continue;
      this.#input += value;
      this.#output += output[at] ?? Number.NaN;
    }
  }

  values(): readonly GateValue[] {
    if (this.#input === 0) return [];
    const shift = Math.abs(this.#output - this.#input) / this.#input;
    return [judged('mean-intensity-shift', shift, { upper: this.#upper })];
  }
}
