import { describe, expect, test } from 'vitest';
import { nodeFile } from '../../config/node-schema.ts';
import type { GateValue } from '../../ledger/ledger.ts';
import type { Task } from '../../model/tasks.ts';
import { measuresOf, objections } from './gate.ts';
import type { SlicePair } from './measure.ts';

const limits = nodeFile.parse({}).gate;
const rows = 96;
const columns = 96;

/** A body of one value in air, with noise that repeats itself from run to run. */
function disc(inside: number, outside: number, noise = 0): Float64Array {
  let state = 1;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const y = Math.floor(at / columns) - rows / 2;
    const x = (at % columns) - columns / 2;
    return (Math.hypot(x, y) < 40 ? inside : outside) + noise * random();
  });
}

function pair(input: Float64Array, output: Float64Array, other: Partial<SlicePair> = {}): SlicePair {
  const kept = new Uint8Array(input.length);
  return { rows, columns, pixelMm: 2, positionMm: 0, input, output, kept, clamped: 0, ...other };
}

function measure(task: Task, pairs: readonly SlicePair[]): readonly GateValue[] {
  const measures = measuresOf(task, limits);
  for (const one of pairs) for (const each of measures) each.add(one);
  return measures.flatMap((each) => each.values());
}

const noisy = disc(40, -1000, 80);
const spot = (peak: number, radius: number): Float64Array =>
  disc(1, 0).map((value, at) => {
    const y = Math.floor(at / columns) - rows / 2;
    const x = (at % columns) - columns / 2;
    return value + peak * Math.exp(-(x * x + y * y) / (2 * radius * radius));
  });
const tall = (values: Float64Array, output: Float64Array): SlicePair[] =>
  Array.from({ length: 8 }, (_, slice) => pair(values, output, { positionMm: 3 * slice }));

describe('the gate of every task', () => {
  test.for([
    { name: 'a value that is no number', output: noisy.with(5, Number.NaN), other: {}, measure: 'not-finite-voxels' },
    {
      name: 'a kept voxel that was changed',
      output: noisy.with(5, 0),
      other: { kept: new Uint8Array(noisy.length).fill(1, 0, 10) },
      measure: 'changed-kept-voxels',
    },
    {
      name: 'many voxels cut at the ends of the encoding',
      output: noisy,
      other: { clamped: 100 },
      measure: 'clamped-share',
    },
  ])('refuses $name', ({ output, other, measure: name }) => {
    const values = measure('ct-denoising', [pair(noisy, output, other)]);

    expect(values.find((value) => value.measure === name)?.passed).toBe(false);
  });
});

describe('the gate of CT', () => {
  test('lets a series pass whose noise went and whose tissues stayed', () => {
    const values = measure('ct-denoising', [pair(noisy, disc(40, -1000, 40))]);

    expect(objections(values)).toEqual([]);
    expect(values.map((value) => value.measure)).toContain('mean-shift-hu-softTissue');
  });

  test.for([
    { name: 'soft tissue that moved by 4 HU', output: disc(44, -1000, 40), says: 'mean-shift-hu-softTissue is 3.7' },
    { name: 'noise that was added', output: disc(40, -1000, 120), says: 'noise-ratio is 1.5' },
    { name: 'detail that is gone with all noise', output: disc(40, -1000, 4), says: 'noise-ratio is 0.05' },
  ])('refuses $name', ({ output, says }) => {
    const found = objections(measure('ct-denoising', [pair(noisy, output)]));

    expect(found.join('; ')).toContain(says);
  });

  test('refuses a residual that follows the edges', () => {
    const squares = Float64Array.from(
      { length: rows * columns },
      (_, at) => 40 + 60 * (Math.floor((at % columns) / 8) % 2),
    );
    const shifted = squares.map((value, at) => (value + (squares[at + 1] ?? value)) / 2);

    expect(objections(measure('ct-denoising', [pair(squares, shifted)])).join()).toContain('residual-edge-correlation');
  });
});

describe('the gate of PET', () => {
  test('lets a series pass whose lesion and activity stayed', () => {
    const before = spot(8, 5);

    expect(
      objections(
        measure(
          'pet-synthesis',
          tall(
            before,
            before.map((value) => value * 1.02),
          ),
        ),
      ),
    ).toEqual([]);
  });

  test.for([
    { name: 'a lesion that vanished', input: spot(8, 5), output: disc(1, 0), says: 'vanished-hot-regions is 1' },
    { name: 'a lesion that appeared', input: disc(1, 0), output: spot(8, 5), says: 'appeared-hot-regions is 1' },
    {
      name: 'a lesion that lost a fifth of its uptake',
      input: spot(8, 5),
      output: spot(6.3, 5),
      says: 'suv-mean-shift',
    },
    { name: 'activity that was lost', input: disc(1, 0), output: disc(0.9, 0), says: 'total-activity-ratio is 0.9' },
  ])('refuses $name', ({ input, output, says }) => {
    expect(objections(measure('pet-synthesis', tall(input, output))).join('; ')).toContain(says);
  });
});

describe('the gate of MR', () => {
  const tissue = disc(500, 2, 20);

  test('lets a series pass that is sharper and no brighter', () => {
    expect(objections(measure('mri-super-resolution', [pair(tissue, disc(500, 2, 30))]))).toEqual([]);
  });

  test.for([
    { name: 'a brighter foreground', output: disc(520, 2, 20), says: 'mean-intensity-shift is 0.03999' },
    { name: 'more energy in measured k-space', output: disc(520, 2, 20), says: 'low-frequency-energy-shift' },
  ])('refuses $name', ({ output, says }) => {
    expect(objections(measure('mri-super-resolution', [pair(tissue, output)])).join('; ')).toContain(says);
  });
});
