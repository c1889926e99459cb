import type { Plane } from '../../model/degrade/k-space.ts';

const patchRadius = 2;
const windowRadius = 7;
const strength = 0.8;

/**
 * Non-local means with fixed parameters (model-spec.md 4.2): patches 5×5, search 15×15, h = 0.8·σ. Weights are
 * e^{−max(0, d² − 2σ²)/h²} of the mean squared difference d² of two patches; borders repeat.
 */
export function nonLocalMeans(image: Plane, sigma: number): Float64Array {
  if (!(sigma > 0)) return image.values.slice();
  const { rows, columns, values } = image;
  const sums = values.slice();
  const weights = new Float64Array(values.length).fill(1);
  const distances = createPatchDistances(image);
  for (let dy = 0; dy <= windowRadius; dy++) {
    for (let dx = -windowRadius; dx <= windowRadius; dx++) {
      if (dy === 0 && dx <= 0) continue; // the opposite shift gives the same pairs
      const distance = distances(dy, dx);
      for (let y = 0; y + dy < rows; y++) {
        for (let x = Math.max(0, -dx); x < Math.min(columns, columns - dx); x++) {
          const a = y * columns + x;
          const b = a + dy * columns + dx;
          const excess = Math.max(0, (distance[a] ?? 0) - 2 * sigma * sigma);
          const weight = Math.exp(-excess / (strength * strength * sigma * sigma));
          sums[a] = (sums[a] ?? 0) + weight * (values[b] ?? 0);
          sums[b] = (sums[b] ?? 0) + weight * (values[a] ?? 0);
          weights[a] = (weights[a] ?? 0) + weight;
          weights[b] = (weights[b] ?? 0) + weight;
        }
      }
    }
  }
  return sums.map((sum, i) => sum / (weights[i] ?? 1));
}

/** Mean squared difference of the patches around each pixel and its neighbour at a shift; one buffer for all. */
function createPatchDistances({ rows, columns, values }: Plane): (dy: number, dx: number) => Float64Array {
  const squares = new Float64Array(values.length);
  const along = new Float64Array(values.length);
  const out = new Float64Array(values.length);
  return (dy, dx) => {
    for (let y = 0; y < rows; y++) {
      const other = Math.min(rows - 1, y + dy) * columns;
      for (let x = 0; x < columns; x++) {
        const shifted = Math.min(columns - 1, Math.max(0, x + dx));
        squares[y * columns + x] = ((values[y * columns + x] ?? 0) - (values[other + shifted] ?? 0)) ** 2;
      }
    }
    for (let y = 0; y < rows; y++) slidingMean(squares, along, { start: y * columns, stride: 1, count: columns });
    for (let x = 0; x < columns; x++) slidingMean(along, out, { start: x, stride: columns, count: rows });
    return out;
  };
}

/** Mean over 2·radius + 1 neighbours of a line whose ends repeat. Hot loop. */
function slidingMean(
  from: Float64Array,
  to: Float64Array,
  { start, stride, count }: { readonly start: number; readonly stride: number; readonly count: number },
): void {
  const at = (i: number): number => from[start + Math.min(count - 1, Math.max(0, i)) * stride] ?? 0;
  let sum = 0;
  for (let i = -patchRadius; i <= patchRadius; i++) sum += at(i);
  for (let i = 0; i < count; i++) {
    to[start + i * stride] = sum / (2 * patchRadius + 1);
    sum += at(i + patchRadius + 1) - at(i - patchRadius);
  }
}
