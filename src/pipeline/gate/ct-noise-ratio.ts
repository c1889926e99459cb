import type { GateValue } from '../../ledger/ledger.ts';
import { estimateCtNoise } from '../../model/estimators/ct-noise.ts';
import { judged, Mean, type Measure, type SlicePair } from './measure.ts';

/** Noise in flat soft tissue, output ÷ input: a denoiser may not add noise, and below the lower limit detail is gone. */
export class CtNoiseRatio implements Measure {
  readonly #limits: { readonly min: number; readonly max: number };
  readonly #input = new Mean();
  readonly #output = new Mean();

  constructor(limits: { readonly min: number; readonly max: number }) {
    this.#limits = limits;
  }

  add({ rows, columns, input, output }: SlicePair): void {
    const before = estimateCtNoise({ rows, columns, values: input }).sigmaHu;
    const after = estimateCtNoise({ rows, columns, values: output }).sigmaHu;
    if (before === undefined || after === undefined) return;
    this.#input.add(before);
    this.#output.add(after);
  }

  values(): readonly GateValue[] {
    if (this.#input.count === 0) return [];
    const ratio = this.#output.value / this.#input.value;
    return [judged('noise-ratio', ratio, { lower: this.#limits.min, upper: this.#limits.max })];
  }
}
