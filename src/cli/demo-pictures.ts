import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Codecs, openCodecs } from '../dicom/codecs/codecs.ts';
import { readDerivation } from '../dicom/derived/read-derivation.ts';
import { readString } from '../dicom/element-values.ts';
import { type FrameImage, frameImages } from '../dicom/frame-images.ts';
import { parsePart10 } from '../dicom/part10.ts';
import { decodePixels } from '../dicom/pixels.ts';
import { tags } from '../dicom/tags.ts';
import { encodePng, sideBySide, windowed } from '../evaluate/png.ts';

export interface ComparedFolders {
  readonly reference: string;
  readonly low: string;
  readonly derived: string;
  readonly out: string;
}

interface Seen {
  readonly uid: string;
  readonly sourceUid: string | undefined;
  readonly modality: string;
  readonly image: FrameImage;
}

/** One PNG per modality: the middle slice as published, degraded, and restored. Resolves to the files. */
export async function writeComparisons({ reference, low, derived, out }: ComparedFolders): Promise<readonly string[]> {
  const codecs = await openCodecs();
  const [references, lows, restored] = [
    await readAll(reference, codecs),
    await readAll(low, codecs),
    await readAll(derived, codecs),
  ];
  const written: string[] = [];
  for (const modality of ['CT', 'MR', 'PT']) {
    const series = lows.filter((seen) => seen.modality === modality).toSorted(byPlace);
    const middle = series[Math.floor(series.length / 2)];
    const result = restored.find(({ sourceUid }) => sourceUid !== undefined && sourceUid === middle?.uid);
    const original = references.find(
      ({ modality: of, image }) => of === modality && image.positionMm === middle?.image.positionMm,
    );
    if (middle === undefined || result === undefined || original === undefined) continue;
    const range = rangeOf(modality, original.image);
    const pictures = [original, middle, result].map(({ image }) =>
      windowed(valuesOf(image), { width: image.columns, height: image.rows }, range),
    );
    const path = join(out, `${modality.toLowerCase()}.png`);
    await writeFile(path, encodePng(sideBySide(pictures)));
    written.push(path);
  }
  return written;
}

async function readAll(folder: string, codecs: Codecs): Promise<readonly Seen[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const seen: Seen[] = [];
  for (const entry of entries.filter(({ name }) => name.endsWith('.dcm'))) {
    const part10 = parsePart10(await readFile(join(entry.parentPath, entry.name)));
    const [image] = frameImages(part10, await decodePixels(part10, codecs));
    if (image === undefined) continue;
    const { dataSet } = part10;
    const sourceUid = readDerivation(dataSet)?.sourceSopInstanceUid;
    seen.push({
      uid: readString(dataSet, tags.SopInstanceUid) ?? '',
      sourceUid,
      modality: readString(dataSet, tags.Modality) ?? '',
      image,
    });
  }
  return seen;
}

function valuesOf({ stored, slope, intercept }: FrameImage): Float64Array {
  return Float64Array.from(stored, (value) => value * slope + intercept);
}

/** The soft-tissue window in CT; elsewhere from 0 to what all but one voxel in 200 stay below. */
function rangeOf(modality: string, image: FrameImage): { readonly low: number; readonly high: number } {
  if (modality === 'CT') return { low: -160, high: 240 };
  const sorted = valuesOf(image).toSorted();
  return { low: 0, high: sorted[Math.floor(0.995 * (sorted.length - 1))] ?? 1 };
}

function byPlace(a: Seen, b: Seen): number {
  return (a.image.positionMm ?? 0) - (b.image.positionMm ?? 0);
}
