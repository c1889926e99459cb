import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test.for([
  {
    name: 'sorts keys and leaves out spaces',
    value: { b: 1, a: [true, null, 'x'] },
    text: '{"a":[true,null,"x"],"b":1}',
  },
  { name: 'sorts nested keys', value: { z: { d: 1, c: 2 } }, text: '{"z":{"c":2,"d":1}}' },
  { name: 'writes numbers as ECMAScript does', value: [1e21, 1.5, -0, 1e-7], text: '[1e+21,1.5,0,1e-7]' },
  { name: 'sorts by code unit, not by locale', value: { ä: 1, B: 2, a: 3 }, text: '{"B":2,"a":3,"ä":1}' },
  { name: 'escapes what JSON escapes', value: '"\\\n', text: '"\\"\\\\\\n"' },
  { name: 'writes an empty object', value: {}, text: '{}' },
])('$name', ({ value, text }) => {
  expect(canonicalJson(value)).toBe(text);
});

test.for([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s, which JSON cannot write', (value) => {
  expect(() => canonicalJson([value])).toThrow(RangeError);
});
