import { describe, expect, test } from 'vitest';
import { type Recipe, recipeDigest, settingsDigest } from './recipe.ts';
import { deriveUid } from './uid.ts';

const weights = '0'.repeat(64);
const ct: Recipe = {
  context: {},
  issue: 1,
  pipeline: 1,
  settings: '1'.repeat(64),
  task: 'ct-denoising',
  weights,
};
const mr: Recipe = { ...ct, task: 'mri-super-resolution', context: { scale: 1234.5 } };
const ctDigest = '458b399cd1859855d939c5acbccc202af18ebc0be0add776d68667ab91f288d5';
const mrDigest = 'a682f1ac4bc93dc918a28f2298e3f74319388ccd041304e25077382d90c8cf5d';
const series = '1.2.840.113619.2.5.1762583153.215519.978957063.121';
const instance = '1.2.840.113619.2.5.1762583153.215519.978957063.122';

describe('the test vectors of derived-objects.md 1.1', () => {
  test('the recipe of a CT series', () => {
    expect(recipeDigest(ct)).toBe(ctDigest);
  });

  test('the recipe of an MR series holds its scale', () => {
    expect(recipeDigest(mr)).toBe(mrDigest);
  });

  test.for([
    {
      name: 'CT series',
      made: deriveUid('series', series, ctDigest),
      uid: '2.25.109033302702655567873352667474244094177',
    },
    {
      name: 'CT instance',
      made: deriveUid('instance', instance, '2'.repeat(64), ctDigest),
      uid: '2.25.126307287037177213096445752035582262248',
    },
    {
      name: 'MR series',
      made: deriveUid('series', series, mrDigest),
      uid: '2.25.302244253542226267265678602892148200643',
    },
    { name: 'model', made: deriveUid('model', weights), uid: '2.25.218502945147945722968465427204133047544' },
    { name: 'implementation', made: deriveUid('implementation'), uid: '2.25.111514022003220041967788255198666331710' },
  ])('the $name', ({ made, uid }) => {
    expect(made).toBe(uid);
  });
});

test('another field, kind or order of fields gives another UID', () => {
  const made = [
    deriveUid('series', series, ctDigest),
    deriveUid('series', ctDigest, series),
    deriveUid('instance', series, ctDigest),
    deriveUid('series', series, mrDigest),
  ];

  expect(new Set(made).size).toBe(made.length);
});

test('UIDs have at most 44 characters and no leading zero', () => {
  for (let index = 0; index < 500; index += 1) {
    expect(deriveUid('test', String(index))).toMatch(/^2\.25\.[1-9][0-9]{0,38}$/);
  }
});

test('settings that say the same in another order have the same digest', () => {
  expect(settingsDigest({ steps: 8, seed: 1 })).toBe(settingsDigest({ seed: 1, steps: 8 }));
  expect(settingsDigest({ steps: 8, seed: 1 })).not.toBe(settingsDigest({ steps: 8, seed: 2 }));
});
