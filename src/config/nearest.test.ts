import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const names = ['port', 'host', 'aeTitle', 'associations'];

test.for([
  { name: 'two letters swapped', word: 'prot', meant: 'port' },
  { name: 'another case', word: 'AETITLE', meant: 'aeTitle' },
  { name: 'a letter too few', word: 'asociations', meant: 'associations' },
  { name: 'three letters wrong in a long word', word: 'asocation', meant: 'associations' },
  { name: 'nothing alike', word: 'timeout', meant: undefined },
  { name: 'a word too short to guess', word: 'at', meant: undefined },
])('$name: `$word` means `$meant`', ({ word, meant }) => {
  expect(nearest(word, names)).toBe(meant);
});
