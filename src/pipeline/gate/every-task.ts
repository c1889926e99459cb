import type { GateValue } from '../../ledger/ledger.ts';
import { judged, type Measure, type SlicePair } from './measure.ts';

/** Exact conditions of every task: finite values, source voxels kept, few voxels cut at the ends of the encoding. */
export class EveryTask implements Measure {
  readonly #clampedShare: number;
  #voxels = 0;
  #notFinite = 0;
  #changed = 0;
  #clamped = 0;

  constructor(limits: { readonly clampedShare: number }) {
    this.#clampedShare = limits.clampedShare;
  }

  add({ input, output, kept, clamped }: SlicePair): void {
    this.#voxels += input.length;
    this.#clamped += clamped;
    for (let at = 0; at < input.length; at++) {
      const value = output[at] ?? Number.NaN;
      if (!Number.isFinite(value)) this.#notFinite++;
      else if (kept[at] !== 0 && value !== input[at]) this.#changed++;
    }
  }

  values(): readonly GateValue[] {
    return [
      judged('not-finite-voxels', this.#notFinite, { upper: 0 }),
      judged('changed-kept-voxels', this.#changed, { upper: 0 }),
      judged('clamped-share', this.#clamped / Math.max(1, this.#voxels), { upper: this.#clampedShare }),
    ];
  }
}
