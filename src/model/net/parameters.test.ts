import { describe, expect, test } from 'vitest';
import { ablations, type PresetName, presets } from '../presets.ts';
import { modelParameters, parameterCounts } from './parameters.ts';

// biome-ignore format: the table of model-spec.md 2.7
const table: readonly (readonly [PresetName, number, number, number, number, number, number, number, number, number])[] = [
  // preset     cls     evq        gvq        elq        dm       codebook   bb.enc     bb.dec     total
  ['full',    23_491, 6_365_568, 6_364_865, 6_365_568, 396_544, 6_291_456, 6_300_352, 6_299_073, 38_406_917],
  ['base32',  23_491, 1_616_064, 1_615_713, 1_616_064,  99_968,   786_432, 1_599_840, 1_599_201,  8_956_773],
  ['small24', 23_491,   760_392,   760_129,   760_392,  56_544,   294_912,   751_296,   750_817,  4_157_973],
  ['tiny16',  23_491,   282_672,   282_497,   282_672,  25_408,    98_304,   278_656,   278_337,  1_552_037],
  ['micro8',  23_491,    57_880,    57_793,    57_880,   6_560,    24_576,    56_896,    56_737,    341_813],
];

const ablated: readonly (readonly [PresetName, number, number])[] = [
  ['full', 8_927_809, 12_622_340],
  ['base32', 2_272_545, 3_222_244],
  ['small24', 977_737, 1_525_388],
  ['tiny16', 321_073, 580_340],
  ['micro8', 52_505, 137_052],
];

function isBuffer(name: string): boolean {
  return /^(gate|latent|ood)\./.test(name);
}

describe('parameterCounts', () => {
  test.for(table)(
    'of %s are those of model-spec.md 2.7',
    ([name, cls, evq, gvq, elq, dm, codebook, enc, dec, total]) => {
      const counts = parameterCounts({ preset: presets[name], ablation: ablations.full });

      expect(counts).toEqual({ cls, evq, gvq, elq, dm, codebook, 'bb.enc': enc, 'bb.dec': dec, total });
    },
  );

  test.for(ablated)('of %s as V1 and V2 are those of model-spec.md 2.7', ([name, v1, v2]) => {
    const preset = presets[name];

    expect(parameterCounts({ preset, ablation: ablations.V1 }).total).toBe(v1);
    expect(parameterCounts({ preset, ablation: ablations.V2 }).total).toBe(v2);
  });
});

describe('modelParameters', () => {
  test('gives the 1,700 trainable tensors of full, the bank as one, and six buffers', () => {
    const names = modelParameters({ preset: presets.full, ablation: ablations.full }).map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !isBuffer(name) && !name.startsWith('codebook.'))).toHaveLength(1_699);
    expect(names.filter(isBuffer)).toHaveLength(6);
  });

  test('starts a fresh model as the identity: the last convolution and the reference weights are zero', () => {
    const parameters = modelParameters({ preset: presets.tiny16, ablation: ablations.full });
    const initOf = (name: string) => parameters.find((parameter) => parameter.name === name)?.init;

    expect(initOf('bb.dec.ending.weight')).toEqual({ kind: 'zeros' });
    expect(initOf('bb.dec.ending.bias')).toEqual({ kind: 'zeros' });
    expect(initOf('bb.enc.intro.weight')).toEqual({ kind: 'kaiming-uniform', fanIn: 18, zeroInputChannel: 1 });
    expect(initOf('bb.enc.intro.bias')).toEqual({ kind: 'kaiming-uniform', fanIn: 18 });
  });
});
