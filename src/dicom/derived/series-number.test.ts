import { expect, test } from 'vitest';
import { derivedSeriesNumber } from './series-number.ts';

test.for([
  { name: 'a usual number', source: 4, ordinal: 1, number: 10_004 },
  { name: 'the second derived series of one task', source: 4, ordinal: 2, number: 20_004 },
  { name: 'a missing number', source: undefined, ordinal: 1, number: 10_000 },
  { name: 'a negative number', source: -7, ordinal: 1, number: 10_000 },
  { name: 'a number that is none', source: Number.NaN, ordinal: 1, number: 10_000 },
  { name: 'a long number, of which four digits stay', source: 1_234_567, ordinal: 1, number: 14_567 },
  { name: 'a number that would be met again', source: 10_004, ordinal: 1, number: 10_005 },
  { name: 'zero', source: 0, ordinal: 1, number: 10_000 },
])('$name: $source becomes $number', ({ source, ordinal, number }) => {
  expect(derivedSeriesNumber(source, ordinal)).toBe(number);
});
