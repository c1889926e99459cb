import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Codecs } from '../../src/dicom/codecs/codecs.ts';
import { type DerivedInstance, type DeriveRequest, deriveInstance } from '../../src/dicom/derived/derive-instance.ts';
import type { StoredValues } from '../../src/dicom/derived/pixel-elements.ts';
import { joinRanges, splice } from '../../src/dicom/element-splicer.ts';
import { encodeFileMeta, type Part10, parsePart10 } from '../../src/dicom/part10.ts';
import { decodePixels, type PixelFrames } from '../../src/dicom/pixels.ts';
import { explicitLittle, explicitLittleUid, findTransferSyntax } from '../../src/dicom/transfer-syntax.ts';
import { deriveRequest } from './derive-request.ts';
import { meanOfNeighbours } from './slightly-changed.ts';

/** One source and what was derived from it, as other programs can read them. */
export interface Derivation {
  readonly source: Part10;
  readonly original: PixelFrames;
  readonly stored: StoredValues;
  readonly instance: DerivedInstance;
  readonly derived: Part10;
  readonly derivedPath: string;
  /** The source without compression, so that messages on the transfer syntax do not differ. */
  readonly sourcePath: string;
}

/** Derives from a file with slightly changed pixels and writes both into `folder`. */
export async function deriveToFiles(
  folder: string,
  name: string,
  bytes: Buffer,
  codecs: Codecs,
  series?: DeriveRequest['series'],
): Promise<Derivation> {
  const source = parsePart10(bytes);
  const original = await decodePixels(source, codecs);
  const stored = meanOfNeighbours(original);
  const request = deriveRequest(source, stored, {}, original.stored);
  const instance = deriveInstance(series === undefined ? request : { ...request, series });
  const file = Buffer.concat([...instance.parts]);
  const derivedPath = path.join(folder, `${name}-derived.dcm`);
  const sourcePath = path.join(folder, `${name}.dcm`);
  writeFileSync(derivedPath, file);
  writeFileSync(sourcePath, uncompressed(bytes, source, original));
  return { source, original, stored, instance, derived: parsePart10(file), derivedPath, sourcePath };
}

/** As received, or natively in explicit little endian where the source is compressed or deflated (7.2.6). */
function uncompressed(bytes: Buffer, source: Part10, { stored }: PixelFrames): Buffer {
  const syntax = findTransferSyntax(source.transferSyntaxUid);
  if (syntax?.compressed === false && !syntax.deflated) return bytes;
  const pixels = { tag: 0x7fe00010, vr: 'OW', value: Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength) };
  const meta = {
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    sopInstanceUid: '2.25.1',
    transferSyntaxUid: explicitLittleUid,
  };
  return joinRanges([encodeFileMeta(meta), ...splice(source.dataSet, [pixels], { target: explicitLittle })]);
}
