import { readFile } from 'node:fs/promises';
import type { Codecs } from '../dicom/codecs/codecs.ts';
import type { DataSet } from '../dicom/data-set.ts';
import { pixelDigest } from '../dicom/derived/pixel-digest.ts';
import { readString } from '../dicom/element-values.ts';
import { type FrameImage, frameImages } from '../dicom/frame-images.ts';
import { type Part10, parsePart10 } from '../dicom/part10.ts';
import { type PetFacts, readPetFacts } from '../dicom/pet-facts.ts';
import { decodePixels } from '../dicom/pixels.ts';
import { tags } from '../dicom/tags.ts';
import { parseUid, type SeriesInstanceUid } from '../dicom/uid.ts';
import { PipelineError } from './errors.ts';
import type { SourceFile } from './series-work.ts';

/** One source instance, decoded. Its file is read again when something is derived from it: pixels are memory. */
export interface SourceInstance {
  readonly file: SourceFile;
  readonly seriesInstanceUid: SeriesInstanceUid;
  /** Elements before the pixels. */
  readonly header: DataSet;
  readonly images: readonly FrameImage[];
  readonly pixelDigest: string;
  readonly pet: PetFacts;
}

/** Reads a source file whole. @throws PipelineError PIPELINE_SOURCE_UNREADABLE */
export async function readSourceFile({ path }: SourceFile): Promise<Part10> {
  try {
    return parsePart10(await readFile(path));
  } catch (cause) {
    throw new PipelineError('PIPELINE_SOURCE_UNREADABLE', {}, { cause });
  }
}

/**
 * Decodes a source instance. Uses the processor for long: call in a worker thread.
 * @throws PipelineError PIPELINE_SOURCE_UNREADABLE, DicomError of `decodePixels`
 */
export async function readSource(file: SourceFile, codecs: Codecs): Promise<SourceInstance> {
  const part10 = await readSourceFile(file);
  const pixels = await decodePixels(part10, codecs);
  return {
    file,
    seriesInstanceUid: parseUid(readString(part10.dataSet, tags.SeriesInstanceUid) ?? ''),
    header: withoutPixels(part10.dataSet),
    images: frameImages(part10, pixels),
    pixelDigest: pixelDigest(part10, pixels.stored),
    pet: readPetFacts(part10.dataSet),
  };
}

/** A copy of the elements before the pixels, so that the file's bytes can be given back. */
function withoutPixels(dataSet: DataSet): DataSet {
  const elements = dataSet.elements.filter(({ tag }) => tag < 0x7fe00000);
  const end = elements.at(-1)?.end ?? 0;
  return { ...dataSet, bytes: Buffer.from(dataSet.bytes.subarray(0, end)), elements };
}
