import type { GateValue } from '../../ledger/ledger.ts';
import { smooth } from '../../model/degrade/gaussian.ts';
import { judged, type Measure, type SlicePair } from './measure.ts';

const smoothingPixels = 1.5;
/** The body: air around it has neither noise nor edges, and would correlate with itself. */
const bodyAboveHu = -500;

/**
 * Correlation of the absolute residual with edge strength, over the body: what a denoiser takes away should be noise,
 * and noise does not know where the edges are.
 */
export class CtResidualStructure implements Measure {
  readonly #upper: number;
  readonly #sums = { n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 };

  constructor(upper: number) {
    this.#upper = upper;
  }

  add({ rows, columns, input, output, kept }: SlicePair): void {
    const { values } = smooth({ rows, columns, values: input }, smoothingPixels);
    for (let row = 1; row < rows - 1; row++) {
      for (let column = 1; column < columns - 1; column++) {
        const at = row * columns + column;
        if (kept[at] !== 0 || (values[at] ?? 0) < bodyAboveHu) continue;
        const across = (values[at + 1] ?? 0) - (values[at - 1] ?? 0);
        const down = (values[at + columns] ?? 0) - (values[at - columns] ?? 0);
        this.#count(Math.abs((output[at] ?? Number.NaN) - (input[at] ?? 0)), Math.hypot(across, down));
      }
    }
  }

  values(): readonly GateValue[] {
    const { n, x, y, xx, yy, xy } = this.#sums;
    const spread = Math.sqrt((n * xx - x * x) * (n * yy - y * y));
    if (n === 0 || spread === 0) return [];
    return [judged('residual-edge-correlation', (n * xy - x * y) / spread, { upper: this.#upper })];
  }

  #count(residual: number, edge: number): void {
    const sums = this.#sums;
    sums.n++;
    sums.x += residual;
    sums.y += edge;
    sums.xx += residual * residual;
    sums.yy += edge * edge;
    sums.xy += residual * edge;
  }
}
