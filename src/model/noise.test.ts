import { describe, expect, test } from 'vitest';
import { type NoiseIdentity, noiseKey, startNoise, stepNoiseAt } from './noise.ts';
import { createPhilox, type PhiloxKey } from './philox.ts';

const uid = '1.2.826.0.1.3680043.8.498.1';
const first: NoiseIdentity = { baseSeed: 0, sourceSopInstanceUid: uid, frame: 1, sample: 0 };
const hex = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16));

// The test vectors of model-spec.md 2.5.
const words = [
  {
    key: '00000000 00000000',
    counter: '00000000 00000000 00000000 00000000',
    expected: '6627e8d5 e169c58d bc57ac4c 9b00dbd8',
  },
  {
    key: 'ffffffff ffffffff',
    counter: 'ffffffff ffffffff ffffffff ffffffff',
    expected: '408f276d 41c83b0e a20bc7c6 6d5451fd',
  },
  {
    key: 'a4093822 299f31d0',
    counter: '243f6a88 85a308d3 13198a2e 03707344',
    expected: 'd16cfe09 94fdcceb 5001e420 24126ea1',
  },
  {
    key: '00000000 00000000',
    counter: '00000000 00000000 00000000 00000008',
    expected: 'd73f05ca c498e74d d47875d5 6900f030',
  },
  {
    key: 'd3a91ba6 df2f3382',
    counter: '00000000 00000000 00000000 00000008',
    expected: 'bd07807c 51cc8ece 7f44a3d2 cf236713',
  },
  {
    key: 'd3a91ba6 df2f3382',
    counter: '00000005 00000003 00000001 00000008',
    expected: '27bea744 ccff975b 3eaa7930 48bb5a2e',
  },
  {
    key: '01a08e75 ca9dc7cb',
    counter: '00000000 00000000 00000000 00000008',
    expected: '5d366b36 5efe16f2 bdb20e2d a56f4f89',
  },
  {
    key: 'f2dc3968 83acf485',
    counter: '0000003f 0000003f 0000003f 00000008',
    expected: 'e0e90272 15080dd8 a0250145 52caceff',
  },
];

const keys: readonly { identity: NoiseIdentity; key: string }[] = [
  { identity: first, key: 'd3a91ba6 df2f3382' },
  { identity: { ...first, sample: 1 }, key: '01a08e75 ca9dc7cb' },
  { identity: { ...first, baseSeed: 20250726, frame: 2 }, key: 'f2dc3968 83acf485' },
];

const normals: readonly { key: PhiloxKey; x: number; y: number; block: number; expected: readonly number[] }[] = [
  { key: [0, 0], x: 0, y: 0, block: 0, expected: [0.0663059, -0.5851441, -0.5158387, 0.3265862] },
  { key: noiseKey(first), x: 0, y: 0, block: 0, expected: [-0.3295094, 0.705673, 0.4292347, -1.101599] },
  { key: noiseKey(first), x: 5, y: 3, block: 1, expected: [0.6053746, -1.8327361, -0.3568074, 1.6393316] },
  {
    key: noiseKey({ ...first, sample: 1 }),
    x: 0,
    y: 0,
    block: 0,
    expected: [-0.9799757, 1.0296782, -0.4698223, -0.6154521],
  },
  {
    key: noiseKey({ ...first, baseSeed: 20250726, frame: 2 }),
    x: 63,
    y: 63,
    block: 63,
    expected: [0.4425707, 0.2511648, -0.4310793, 0.8673937],
  },
];

describe('createPhilox', () => {
  test.for(words)('key $key counter $counter gives $expected', ({ key, counter, expected }) => {
    const [key0 = 0, key1 = 0] = hex(key);
    const [x = 0, y = 0, z = 0, q = 0] = hex(counter);

    expect([...createPhilox([key0, key1])(x, y, z, q)]).toEqual(hex(expected));
  });
});

describe('noiseKey', () => {
  test.for(keys)('gives $key', ({ identity, key }) => {
    expect(noiseKey(identity)).toEqual(hex(key));
  });
});

describe('startNoise', () => {
  test.for(normals)('at ($x, $y) channel block $block gives $expected', ({ key, x, y, block, expected }) => {
    const noise = startNoise(key, { x, y, width: 1, height: 1, channels: 4 * (block + 1) });

    for (const [index, value] of expected.entries()) {
      expect(Math.abs((noise[4 * block + index] ?? Number.NaN) - value)).toBeLessThan(1e-6);
    }
  });

  test('is the same at the same absolute position, whatever tile asks for it', () => {
    const whole = startNoise(noiseKey(first), { x: 0, y: 0, width: 8, height: 6, channels: 8 });
    const tile = startNoise(noiseKey(first), { x: 3, y: 2, width: 4, height: 3, channels: 8 });

    expect(tile[5 * 12 + 1 * 4 + 2]).toBe(whole[5 * 48 + (1 + 2) * 8 + (2 + 3)]);
  });

  test('over 64 × 64 positions and 16 channels has mean 0.0006 and standard deviation 1.0019', () => {
    const noise = startNoise(noiseKey(first), { x: 0, y: 0, width: 64, height: 64, channels: 16 });
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length;

    expect(mean).toBeCloseTo(0.0006, 4);
    expect(Math.sqrt(variance)).toBeCloseTo(1.0019, 4);
  });
});

describe('stepNoiseAt', () => {
  test('differs from the start and from every other step', () => {
    const window = { x: 0, y: 0, width: 2, height: 2, channels: 4 };
    const steps = [8, 7, 6, 5, 4, 3, 2].map((t) => stepNoiseAt(noiseKey(first), window, t)[0]);

    expect(new Set([...steps, startNoise(noiseKey(first), window)[0]]).size).toBe(8);
  });
});
