import type { StoredValues } from '../../src/dicom/derived/pixel-elements.ts';
import type { PixelFrames } from '../../src/dicom/pixels.ts';

/** New stored values that stand for a restoration: a 3×3 mean of every frame, borders as they are. */
export function meanOfNeighbours({ stored, rows, columns, frames }: PixelFrames): StoredValues {
  const changed = stored.slice();
  for (let frame = 0; frame < frames; frame += 1) {
    const start = frame * rows * columns;
    for (let row = 1; row < rows - 1; row += 1) {
      for (let column = 1; column < columns - 1; column += 1) {
        const at = start + row * columns + column;
        changed[at] = Math.round(sumAround(stored, at, columns) / 9);
      }
    }
  }
  return changed;
}

function sumAround(stored: StoredValues, at: number, columns: number): number {
  let sum = 0;
  for (const line of [at - columns, at, at + columns]) {
    sum += (stored[line - 1] ?? 0) + (stored[line] ?? 0) + (stored[line + 1] ?? 0);
  }
  return sum;
}
