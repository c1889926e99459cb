import type { Plane } from '../degrade/k-space.ts';

/**
 * White-noise deviation inside a mask: median absolute deviation of the 4-neighbour Laplacian ÷ (0.6745·√20), in the
 * image's unit. It underestimates correlated noise, and ranks series well. `undefined` below 100 pixels.
 */
export function laplacianNoise(image: Plane, inside: (value: number) => boolean): number | undefined {
  const { rows, columns, values } = image;
  const laplacians: number[] = [];
  for (let y = 1; y < rows - 1; y++) {
    for (let x = 1; x < columns - 1; x++) {
      const at = y * columns + x;
      const cross = [values[at - 1], values[at + 1], values[at - columns], values[at + columns]].map(Number);
      if (!inside(values[at] ?? Number.NaN) || !cross.every(inside)) continue;
      laplacians.push(cross.reduce((sum, value) => sum + value, 0) - 4 * (values[at] ?? 0));
    }
  }
  if (laplacians.length < 100) return undefined;
  const middle = medianOf(laplacians);
  return medianOf(laplacians.map((value) => Math.abs(value - middle))) / (0.6745 * Math.sqrt(20));
}

function medianOf(values: readonly number[]): number {
  return Float64Array.from(values).toSorted()[values.length >> 1] ?? 0;
}
