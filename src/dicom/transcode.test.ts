import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { pixelObject, words } from '../../test/builders/pixel-object.ts';
import { type Codecs, openCodecs } from './codecs/codecs.ts';
import { elementBytes, findElement, walkDataSet } from './data-set.ts';
import { joinRanges } from './element-splicer.ts';
import { type Part10, parsePart10 } from './part10.ts';
import { decodePixels } from './pixels.ts';
import { tags } from './tags.ts';
import { transcode, transcodingTargets } from './transcode.ts';
import { encodingOf, findTransferSyntax } from './transfer-syntax.ts';
import { parseUid, type TransferSyntaxUid } from './uid.ts';

let codecs: Codecs;
beforeAll(async () => {
  codecs = await openCodecs();
});

async function transcoded(source: Part10, uid: string): Promise<Part10> {
  const target = parseUid<TransferSyntaxUid>(uid);
  const { ranges, transferSyntaxUid } = await transcode(source, target, codecs);
  const dataSet = walkDataSet(joinRanges(ranges), encodingOf(transferSyntaxUid));
  return { ...source, transferSyntaxUid, dataSet };
}

/** All elements but the pixel data. */
const others = (part10: Part10) =>
  part10.dataSet.elements
    .filter(({ tag }) => tag !== tags.PixelData)
    .map((element) => elementBytes(part10.dataSet, element));

const targets = transcodingTargets.map((uid) => ({ uid, name: findTransferSyntax(uid)?.name }));

describe('transcode', () => {
  test.for(
    targets.flatMap(({ uid, name }) =>
      [
        { bitsStored: 12, pixelRepresentation: 0 },
        { bitsStored: 12, pixelRepresentation: 1 },
        { bitsStored: 13, pixelRepresentation: 1 },
        { bitsStored: 16, pixelRepresentation: 0 },
        { bitsStored: 16, pixelRepresentation: 1 },
        { bitsStored: 8, bitsAllocated: 8, pixelRepresentation: 0 },
      ].map((bits) => ({ uid, name, bits: { bitsAllocated: 16, ...bits } })),
    ),
  )('$name keeps stored values and header: $bits', async ({ uid, bits }) => {
    const size = { rows: 7, columns: 9, frames: 2 };
    const mask = 2 ** bits.bitsStored - 1;
    // Extremes first, then a pattern; not sign-extended
    const values = Array.from(
      { length: 126 },
      (_, at) => [0, mask, mask >> 1, (mask >> 1) + 1][at] ?? (at * 77) & mask,
    );
    const pixels = bits.bitsAllocated === 16 ? words(...values) : Buffer.from(values);
    const pixelRepresentation = bits.pixelRepresentation === 1 ? 1 : 0;
    const source = pixelObject({ ...size, ...bits, pixelRepresentation, pixels });

    const result = await transcoded(source, uid);

    expect((await decodePixels(result, codecs)).stored).toEqual((await decodePixels(source, codecs)).stored);
    expect(result.dataSet.elements.map(({ tag }) => tag)).toEqual(source.dataSet.elements.map(({ tag }) => tag));
  });

  test('a compressed object becomes native with every other byte as it was', async () => {
    const source = parsePart10(readFileSync('test/fixtures/zoo/mf-mr-enhanced-jls.dcm'));

    const result = await transcoded(source, '1.2.840.10008.1.2.1');

    expect(others(result)).toEqual(others(source));
    expect(findElement(result.dataSet, tags.PixelData)).toMatchObject({ vr: 'OW', lengthBytes: 10 * 64 * 64 * 2 });
  });

  test('the same syntax gives the same bytes', async () => {
    const source = parsePart10(readFileSync('test/fixtures/zoo/ts-mr-rle.dcm'));

    const { ranges } = await transcode(source, source.transferSyntaxUid, codecs);

    expect(ranges).toEqual([source.dataSet.bytes]);
  });

  test.for([
    { name: 'a lossy target', uid: '1.2.840.10008.1.2.4.91', object: {}, code: 'DICOM_CODEC_UNSUPPORTED' },
    { name: 'a big endian target', uid: '1.2.840.10008.1.2.2', object: {}, code: 'DICOM_CODEC_UNSUPPORTED' },
    { name: 'an unknown target', uid: '1.2.3', object: {}, code: 'DICOM_CODEC_UNSUPPORTED' },
    {
      name: 'an overlay in unused bits',
      uid: '1.2.840.10008.1.2.4.80',
      object: { bitsStored: 12, pixels: words(0x1001) },
      code: 'DICOM_PIXELS_UNSUPPORTED',
    },
    {
      // A defect of dcmjs-codecs 0.0.8, found because every frame is decoded again
      name: 'signed bytes in JPEG 2000, which its encoder gets wrong,',
      uid: '1.2.840.10008.1.2.4.90',
      object: { bitsAllocated: 8, pixelRepresentation: 1 as const, pixels: Buffer.of(0x80) },
      code: 'DICOM_CODEC_FAILED',
    },
    {
      name: 'colour',
      uid: '1.2.840.10008.1.2.4.80',
      object: { samplesPerPixel: 3, photometricInterpretation: 'RGB' },
      code: 'DICOM_PIXELS_UNSUPPORTED',
    },
  ])('refuses $name with $code', async ({ uid, object, code }) => {
    const source = pixelObject({ rows: 1, columns: 1, pixels: words(1), ...object });

    await expect(transcoded(source, uid)).rejects.toThrow(expect.objectContaining({ code }));
  });

  test('any pixels survive the way there and back', async () => {
    const compressed = transcodingTargets.filter((uid) => findTransferSyntax(uid)?.compressed);
    const bits = fc.integer({ min: 8, max: 16 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...compressed),
        bits,
        fc.constantFrom<(0 | 1)[]>(0, 1),
        fc.array(fc.nat(0xffff), { minLength: 12, maxLength: 12 }),
        async (uid, bitsStored, pixelRepresentation, values) => {
          const pixels = words(...values.map((value) => value & (2 ** bitsStored - 1)));
          const source = pixelObject({ rows: 3, columns: 4, bitsStored, pixelRepresentation, pixels });

          const there = await transcoded(source, uid);
          const back = await transcoded(there, '1.2.840.10008.1.2.1');

          expect((await decodePixels(back, codecs)).stored).toEqual((await decodePixels(source, codecs)).stored);
          expect(findTransferSyntax(there.transferSyntaxUid)?.compressed).toBe(true);
        },
      ),
      { seed: 20_260_101, numRuns: 40 },
    );
  });
});
