import { describe, expect, test } from 'vitest';
import { dataSetOf, type PrivateElement } from '../../test/builders/data-set.ts';
import { readPrivateNumber } from './private-number.ts';

const address = { creator: 'VENDOR', group: 0x0043, element: 0x2f };

function creator(block: number, name: string): PrivateElement {
  return { tag: 0x00430000 + block, vr: 'LO', value: Buffer.from(name) };
}

function read(...privates: readonly PrivateElement[]): number | undefined {
  return readPrivateNumber(dataSetOf({}, privates), address);
}

describe('a private number', () => {
  test('is found in the block that its creator took, padding or not', () => {
    const value = { tag: 0x0043112f, vr: 'SS', value: Buffer.from([0xff, 0xff]) };
    const stranger = { tag: 0x0043102f, vr: 'SS', value: Buffer.from([7, 0]) };

    expect(read(creator(0x10, 'OTHER '), creator(0x11, 'VENDOR '), stranger, value)).toBe(-1);
  });

  test.for([
    { name: 'decimal text', vr: 'DS', value: '0.00037 ', number: 0.00037 },
    { name: 'decimal text that came as UN', vr: 'UN', value: '0.00037 ', number: 0.00037 },
    { name: 'the first of several', vr: 'DS', value: '2\\3 ', number: 2 },
    { name: 'a short that came as UN', vr: 'UN', value: '\x03\x00', number: 3 },
    { name: 'no number', vr: 'LO', value: 'abcd', number: undefined },
    { name: 'nothing', vr: 'DS', value: '', number: undefined },
  ])('$name', ({ vr, value, number }) => {
    expect(read(creator(0x10, 'VENDOR'), { tag: 0x0043102f, vr, value: Buffer.from(value) })).toBe(number);
  });

  test('of nobody who took a block is not found', () => {
    expect(read({ tag: 0x0043102f, vr: 'SS', value: Buffer.from([1, 0]) })).toBeUndefined();
  });
});
