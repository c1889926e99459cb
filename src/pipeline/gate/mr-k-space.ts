import type { GateValue } from '../../ledger/ledger.ts';
import { fft2 } from '../../model/degrade/fft.ts';
import { judged, type Measure, type SlicePair } from './measure.ts';

/** The part of k-space that was measured at 4×4: the central quarter of each axis. */
const measuredFraction = 0.25;

/** Relative change of energy in measured k-space: what the scanner saw must still be there. */
export class MrKSpace implements Measure {
  readonly #upper: number;
  #input = 0;
  #output = 0;

  constructor(upper: number) {
    this.#upper = upper;
  }

  add({ rows, columns, input, output }: SlicePair): void {
    this.#input += lowEnergy(input, rows, columns);
    this.#output += lowEnergy(output, rows, columns);
  }

  values(): readonly GateValue[] {
    if (this.#input === 0) return [];
    const shift = Math.abs(this.#output - this.#input) / this.#input;
    return [judged('low-frequency-energy-shift', shift, { upper: this.#upper })];
  }
}

/** Σ|F|² over the central band; frequencies are counted from either end of an unshifted spectrum. */
function lowEnergy(values: Float64Array, rows: number, columns: number): number {
  const re = values.slice();
  const im = new Float64Array(values.length);
  fft2({ re, im }, rows, columns);
  let energy = 0;
  for (let row = 0; row < rows; row++) {
    if (Math.min(row, rows - row) > (measuredFraction * rows) / 2) continue;
    for (let column = 0; column < columns; column++) {
      if (Math.min(column, columns - column) > (measuredFraction * columns) / 2) continue;
      const at = row * columns + column;
      energy += (re[at] ?? 0) ** 2 + (im[at] ?? 0) ** 2;
    }
  }
  return energy;
}
