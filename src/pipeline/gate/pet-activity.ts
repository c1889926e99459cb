import type { GateValue } from '../../ledger/ledger.ts';
import { judged, type Measure, type SlicePair } from './measure.ts';

/** Total activity of the series, output ÷ input: counts may be denoised, not made or lost. */
export class PetActivity implements Measure {
  readonly #limits: { readonly min: number; readonly max: number };
  #input = 0;
  #output = 0;

  constructor(limits: { readonly min: number; readonly max: number }) {
    this.#limits = limits;
  }

  add({ input, output }: SlicePair): void {
    for (let at = 0; at < input.length; at++) {
      this.#input += input[at] ?? 0;
      this.#output += output[at] ?? Number.NaN;
    }
  }

  values(): readonly GateValue[] {
    if (this.#input === 0) return [];
    return [
      judged('total-activity-ratio', this.#output / this.#input, { lower: this.#limits.min, upper: this.#limits.max }),
    ];
  }
}
