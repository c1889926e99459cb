import { describe, expect, test } from 'vitest';
import { lowQualityWords } from './degradation.ts';
import type { Plane } from './k-space.ts';
import { exposePet, prepareLowCountPet, sensitivityOf } from './low-count-pet.ts';
import { createPetScanner, petViews, projectActivity, reconstruct } from './pet-scanner.ts';

/** A body of 1 SUV with one hot spot, 8 mm pixels, small enough for a unit test. */
function body(rows: number, columns: number, hot = 6): Plane {
  const values = Float64Array.from({ length: rows * columns }, (_, i) => {
    const [x, y] = [(i % columns) - columns / 2, Math.floor(i / columns) - rows / 2];
    if (Math.hypot(x - 6, y) < 2.5) return hot;
    return Math.hypot(x / 20, y / 14) < 1 ? 1 : 0;
  });
  return { rows, columns, values };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function mean(values: Float64Array): number {
  return total(values) / values.length;
}

const words = () => lowQualityWords(1, '1.2.3', 1, 'pet-synthesis');

describe('PET scanner', () => {
  test('reconstructs noise-free counts to the activity that they came from', () => {
    const activity = body(48, 48);
    const scanner = createPetScanner(48, 48, 8);
    const lines = projectActivity(scanner, activity);
    const background = 5;

    const counts = lines.map((value) => value * 100 + background);
    const gain = new Float64Array(petViews * scanner.bins).fill(100);
    const { values } = reconstruct(scanner, counts, { gain, background });

    const tissue = (image: Float64Array): Float64Array =>
      image.filter((_, i) => activity.values[i] === 1 && i % 48 < 20);
    expect(mean(tissue(values))).toBeCloseTo(1, 1);
    expect(mean(values) / mean(activity.values)).toBeCloseTo(1, 1.5);
  });
});

describe('low-count PET', () => {
  const exposure = exposePet(body(40, 52), 8);
  const sensitivity = sensitivityOf([exposure]);
  const scan = prepareLowCountPet(exposure, sensitivity);

  test('the median slice has a million trues', () => {
    expect(exposure.trues * sensitivity).toBeCloseTo(1e6, 3);
  });

  test('a crop with a small body gets its share of them', () => {
    const small = exposePet(body(40, 52), 2);

    expect(small.bodyMm2).toBeLessThan(1e4);
    expect((small.trues * sensitivityOf([small])) / 1e6).toBeCloseTo(small.bodyMm2 / 1e4, 10);
  });

  test('a twelfth of the counts adds noise, keeps activity and never goes below zero', () => {
    const { suv } = exposure;
    const low = scan.simulate(words(), 1 / 12);

    const change = low.map((value, i) => value - (suv.values[i] ?? 0)).filter((_, i) => suv.values[i] === 1);
    expect(Math.sqrt(total(change.map((value) => value * value)) / change.length)).toBeGreaterThan(0.02);
    expect(total(low) / total(suv.values)).toBeCloseTo(1, 1);
    expect(low.every((value) => value >= 0)).toBe(true);
  });

  test('fewer counts make more noise, and all of them none', () => {
    const { suv } = exposure;
    const noise = (dose: number): number =>
      Math.sqrt(scan.simulate(words(), dose).reduce((sum, value, i) => sum + (value - (suv.values[i] ?? 0)) ** 2, 0));

    expect(noise(1 / 20)).toBeGreaterThan(1.5 * noise(1 / 4));
    expect(scan.simulate(words(), 1)).toEqual(suv.values);
  });

  test('the same seed gives the same bytes', () => {
    const again = prepareLowCountPet(exposePet(body(40, 52), 8), sensitivity);

    expect(again.simulate(words(), 1 / 12)).toEqual(scan.simulate(words(), 1 / 12));
  });

  test('a slice without activity stays as it is', () => {
    const empty = exposePet({ rows: 40, columns: 52, values: new Float64Array(2080) }, 8);

    expect(prepareLowCountPet(empty, 1).simulate(words(), 1 / 12)).toEqual(new Float64Array(2080));
    expect(sensitivityOf([empty])).toBe(0);
  });
});
