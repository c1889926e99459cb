import { expect, test } from 'vitest';
import { deriveRequest } from '../../../test/builders/derive-request.ts';
import { buildSource } from '../../../test/builders/source-instance.ts';
import { parsePart10 } from '../part10.ts';
import { deriveInstance } from './derive-instance.ts';
import { readDerivation } from './read-derivation.ts';
import { deriveUid } from './uid.ts';

const stored = Int16Array.from({ length: 12 }, (_, at) => at);

test.for([
  { modality: 'CT', task: 'ct-denoising', contextJson: '{}' },
  { modality: 'MR', task: 'mri-super-resolution', contextJson: '{"scale":1234.5}' },
  { modality: 'PT', task: 'pet-synthesis', contextJson: '{}' },
] as const)('a derived $modality object says how it was made', ({ modality, task, contextJson }) => {
  const request = deriveRequest(parsePart10(buildSource({ modality, stored })), stored);

  const { parts } = deriveInstance(request);

  expect(readDerivation(parsePart10(Buffer.concat([...parts])).dataSet)).toEqual({
    sourceSopInstanceUid: deriveUid('test', 'instance'),
    task,
    pixelDigest: request.pixelDigest,
    contextJson,
  });
});

test('an object that was not made here says nothing', () => {
  expect(readDerivation(parsePart10(buildSource({ modality: 'CT', stored })).dataSet)).toBeUndefined();
});
