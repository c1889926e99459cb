import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCompleteByPosition, orderSlices, type Slice } from './series-order.ts';
import type { Vector } from './slice-plane.ts';

const axial = { row: [1, 0, 0], column: [0, 1, 0] } as const;
const coronal = { row: [1, 0, 0], column: [0, 0, -1] } as const;

function slice(z: number, instanceNumber: number, orientation: { row: Vector; column: Vector } = axial): Slice {
  return { plane: { ...orientation, positionMm: [-100, -100, z] }, instanceNumber, id: `1.2.${instanceNumber}` };
}

function row(...positionsMm: readonly number[]): readonly Slice[] {
  return positionsMm.map((z, index) => slice(z, index + 1));
}

describe('orderSlices', () => {
  test('sorts along the normal, whatever the Instance Numbers say', () => {
    const order = orderSlices([slice(10, 1), slice(0, 3), slice(5, 2)]);

    expect(order.slices.map(({ instanceNumber }) => instanceNumber)).toEqual([3, 2, 1]);
    expect(order.positionsMm).toEqual([0, 5, 10]);
    expect(order).toMatchObject({ spacingMm: 5, positions: 3, missing: 0, even: true, parallel: true, doubles: [] });
  });

  test.for([
    { name: 'evenly spaced', positions: [0, 5, 10, 15], found: { missing: 0, even: true }, complete: true },
    {
      name: 'rounded to two decimals',
      positions: [0, 0.63, 1.25, 1.88],
      found: { missing: 0, even: true },
      complete: true,
    },
    { name: 'one missing', positions: [0, 5, 15, 20], found: { missing: 1, even: true }, complete: false },
    { name: 'three missing', positions: [0, 5, 10, 30, 35], found: { missing: 3, even: true }, complete: false },
    { name: 'uneven by 4 %', positions: [0, 5, 10.2, 15.2], found: { missing: 0, even: false }, complete: false },
    { name: 'two slices', positions: [0, 5], found: { missing: 0, even: true, spacingMm: 5 }, complete: false },
    { name: 'one slice', positions: [0], found: { missing: 0, even: true, spacingMm: undefined }, complete: false },
    { name: 'none', positions: [], found: { missing: 0, even: true, positions: 0 }, complete: false },
  ])('judges the row of positions: $name', ({ positions, found, complete }) => {
    const order = orderSlices(row(...positions));

    expect(order).toMatchObject(found);
    expect(isCompleteByPosition(order)).toBe(complete);
  });

  test('names the slices that share a position', () => {
    const order = orderSlices(row(0, 5, 5.04, 10));

    expect(order.doubles.map((double) => double.map(({ id }) => id))).toEqual([['1.2.2', '1.2.3']]);
    expect(order).toMatchObject({ positions: 3, spacingMm: 5 });
    expect(isCompleteByPosition(order)).toBe(false);
  });

  test('slices at one position only are doubles of each other', () => {
    expect(orderSlices(row(7, 7, 7))).toMatchObject({ positions: 1, spacingMm: undefined, doubles: [{ length: 3 }] });
  });

  test('sees slices that point another way', () => {
    expect(orderSlices([slice(0, 1), slice(5, 2, coronal)]).parallel).toBe(false);
  });

  test('puts slices without a plane last, by Instance Number', () => {
    const without: Slice = { plane: undefined, instanceNumber: 1, id: '1.2.9' };

    const order = orderSlices([without, slice(5, 2), slice(0, 3)]);

    expect(order.slices.map(({ instanceNumber }) => instanceNumber)).toEqual([3, 2, 1]);
    expect(isCompleteByPosition(order)).toBe(false);
  });

  test('gives the same order whatever order the slices came in', () => {
    const slices = fc.uniqueArray(fc.record({ z: fc.integer({ min: 0, max: 9 }), number: fc.nat(20) }), {
      selector: ({ number }) => number,
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(slices, fc.infiniteStream(fc.nat()), (list, keys) => {
        const made = list.map(({ z, number }) => slice(z * 2.5, number));
        const shuffled = made
          .map((each) => ({ each, key: keys.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ each }) => each);

        expect(orderSlices(shuffled)).toEqual(orderSlices(made));
      }),
      { seed: 20_260_101 },
    );
  });
});
