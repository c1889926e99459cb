import { beforeAll, describe, expect, test } from 'vitest';
import { type Codecs, openCodecs } from '../../src/dicom/codecs/codecs.ts';
import { type FrameImage, frameImages } from '../../src/dicom/frame-images.ts';
import { readImageFacts } from '../../src/dicom/image-facts.ts';
import { parsePart10 } from '../../src/dicom/part10.ts';
import { readPetFacts } from '../../src/dicom/pet-facts.ts';
import { decodePixels } from '../../src/dicom/pixels.ts';
import { suvFactor } from '../../src/dicom/suv.ts';
import {
  mrSeriesScale,
  normalise,
  paddingMask,
  physicalValues,
  restoredValues,
  type StoredImage,
  toStored,
  unitScale,
} from '../../src/model/normalise.ts';
import type { Task } from '../../src/model/tasks.ts';
import { findZooFile, zooNames } from '../builders/zoo.ts';

const taskOfModality: Readonly<Record<string, Task>> = {
  CT: 'ct-denoising',
  MR: 'mri-super-resolution',
  PT: 'pet-synthesis',
};
/** Compressed so that they can't be decoded here, or no image of one value per pixel: other tests are about them. */
const names = zooNames().filter((name) => /^(ts-ct|ts-mr|mf-ct|mf-mr|route-ct|route-mr|route-pet)/.test(name));

let codecs: Codecs;

beforeAll(async () => {
  codecs = await openCodecs();
});

/** Frames of a file with their factor to physical values; none where it is no gray CT, MR or PET, or can't be read. */
async function imagesOf(name: string): Promise<readonly { readonly task: Task; readonly image: StoredImage }[]> {
  const part10 = parsePart10(findZooFile(`${name}.dcm`) ?? Buffer.alloc(0));
  const task = taskOfModality[readImageFacts(part10.dataSet).modality];
  const decoded = await decodePixels(part10, codecs).catch(() => undefined);
  if (task === undefined || decoded === undefined) return [];
  const suv = suvFactor({ ...readPetFacts(part10.dataSet), injectionToReferenceSeconds: 3600 });
  const factor = task === 'pet-synthesis' && suv.kind === 'factor' ? suv.suvPerUnit : 1;
  return frameImages(part10, decoded).map((image: FrameImage) => ({ task, image: { ...image, factor } }));
}

describe('a network that changes nothing gives the stored values of real objects back', () => {
  test.for(names)('%s', async (name) => {
    for (const { task, image } of await imagesOf(name)) {
      const values = physicalValues(image);
      const padding = paddingMask(image, task);
      const scale = unitScale(task, mrSeriesScale([{ values, padding }]) ?? 1);
      const slice = normalise(values, padding, scale);

      const { stored, clamped } = toStored(image, restoredValues(values, slice, slice.x, scale), slice.kept);

      expect(stored.findIndex((value, i) => value !== image.stored[i])).toBe(-1);
      expect(clamped).toBe(0);
    }
  });

  test('among them are all three tasks', async () => {
    const tasks = (await Promise.all(names.map(imagesOf))).flat().map(({ task }) => task);

    expect(new Set(tasks).size).toBeGreaterThanOrEqual(names.length > 5 ? 3 : 1);
  });
});
