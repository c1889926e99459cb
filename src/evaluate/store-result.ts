import { recomputedPetSlope } from '../dicom/derived/pet-slope.ts';
import { type StoredImage, toStored } from '../model/normalise.ts';
import type { Task } from '../model/tasks.ts';

/**
 * A result as a PACS would hold it: rounded to the stored grid of its source. A PET slice whose largest value no
 * longer fits gets a larger slope (derived-objects.md 2.6); clipping instead would leak the true maximum.
 */
export function storeResult(image: StoredImage, values: Float64Array, kept: Uint8Array, task: Task): StoredImage {
  const slope = task === 'pet-synthesis' ? petSlope(image, values) : image.slope;
  return { ...image, slope, stored: toStored(image, values, kept, slope).stored };
}

function petSlope(image: StoredImage, suv: Float64Array): number {
  const largest = suv.reduce((most, value) => Math.max(most, value), 0) / image.factor;
  return recomputedPetSlope(image.slope, largest, image.highest)?.value ?? image.slope;
}
