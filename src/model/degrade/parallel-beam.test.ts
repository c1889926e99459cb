import { describe, expect, test } from 'vitest';
import type { Plane } from './k-space.ts';
import { filteredBackProjection, projectLines } from './parallel-beam.ts';

const size = 96;
const radius = 30;

/** A disk of value 1, off centre. */
function disk(): Plane {
  const values = Float64Array.from({ length: size * size }, (_, i) =>
    Math.hypot((i % size) - 53, Math.floor(i / size) - 44) < radius ? 1 : 0,
  );
  return { rows: size, columns: size, values };
}

describe('projectLines', () => {
  test('every view holds the whole mass of the image', () => {
    const image = disk();
    const mass = image.values.reduce((sum, value) => sum + value, 0);
    const { values } = projectLines(image, 30, 144);

    const views = Array.from({ length: 30 }, (_, v) => values.subarray(v * 144, (v + 1) * 144));
    const masses = views.map((view) => view.reduce((sum, value) => sum + value, 0));

    expect(Math.max(...masses) / mass).toBeLessThan(1.01);
    expect(Math.min(...masses) / mass).toBeGreaterThan(0.99);
  });

  test('the longest line through a disk is its diameter', () => {
    const longest = projectLines(disk(), 7, 144).values.reduce((most, value) => Math.max(most, value), 0);

    expect(longest).toBeGreaterThan(2 * radius - 1.5);
    expect(longest).toBeLessThan(2 * radius + 1.5);
  });
});

describe('filteredBackProjection', () => {
  test('gives a projected disk its value back, inside and outside', () => {
    const pixelMm = 0.7;
    const lines = projectLines(disk(), 180, 144);
    const inMm = { ...lines, values: lines.values.map((value) => value * pixelMm) };

    const { values } = filteredBackProjection(inMm, { rows: size, columns: size, pixelMm }, 1);

    const mean = (from: number, to: number): number => {
      const chosen = values.filter((_, i) => {
        const away = Math.hypot((i % size) - 53, Math.floor(i / size) - 44);
        return away >= from && away < to;
      });
      return chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
    };
    expect(mean(0, radius - 4)).toBeCloseTo(1, 1.7);
    expect(mean(radius + 4, radius + 12)).toBeCloseTo(0, 1.7);
  });
});
