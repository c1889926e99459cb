import { describe, expect, test } from 'vitest';
import { checkWatermarks, spaceOf } from './watermarks.ts';

const marks = { highMark: 0.9, lowMark: 0.8 };
const volume = (usedPercent: number) => ({
  bsize: 4096,
  blocks: 100,
  bfree: 100 - usedPercent,
  bavail: 100 - usedPercent,
});

describe('spaceOf', () => {
  test.for([
    { name: 'below both marks', used: 50, before: 'ok', verdict: 'ok' },
    { name: 'between the marks, coming from below', used: 85, before: 'ok', verdict: 'ok' },
    { name: 'at the high mark', used: 90, before: 'ok', verdict: 'above-high-mark' },
    { name: 'between the marks, coming from above', used: 85, before: 'above-high-mark', verdict: 'above-high-mark' },
    { name: 'below the low mark again', used: 79, before: 'above-high-mark', verdict: 'ok' },
  ] as const)('a disk $name is $verdict', ({ used, before, verdict }) => {
    expect(spaceOf(volume(used), marks, before).verdict).toBe(verdict);
  });

  test('counts what is left to the high mark in bytes, and nothing above it', () => {
    expect(spaceOf(volume(85), marks, 'ok').bytesToHighMark).toBe(5 * 4096);
    expect(spaceOf(volume(95), marks, 'ok').bytesToHighMark).toBe(0);
  });

  test('blocks that only root may use count as neither free nor used', () => {
    const reserved = { bsize: 1, blocks: 100, bfree: 50, bavail: 0 };

    expect(spaceOf(reserved, marks, 'ok')).toEqual({ freeBytes: 0, bytesToHighMark: 0, verdict: 'above-high-mark' });
  });
});

describe('checkWatermarks', () => {
  test.for([
    { name: 'equal marks', highMark: 0.8, lowMark: 0.8 },
    { name: 'marks in the wrong order', highMark: 0.7, lowMark: 0.8 },
    { name: 'a mark above the whole disk', highMark: 1.1, lowMark: 0.8 },
    { name: 'no number', highMark: Number.NaN, lowMark: 0.8 },
  ])('refuses $name', ({ highMark, lowMark }) => {
    expect(() => checkWatermarks({ highMark, lowMark })).toThrow(expect.objectContaining({ code: 'SPOOL_BAD_MARKS' }));
  });
});
