import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type PixelObject, pixelObject, words } from '../../test/builders/pixel-object.ts';
import { type Codecs, openCodecs } from './codecs/codecs.ts';
import { openFrames } from './frames.ts';
import { parsePart10 } from './part10.ts';
import { decodeFrame, decodePixels } from './pixels.ts';
import { explicitBigUid, findTransferSyntax, implicitLittleUid } from './transfer-syntax.ts';

const fixture = (name: string) => parsePart10(readFileSync(`test/fixtures/zoo/${name}.dcm`));
const rleUid = findTransferSyntax('1.2.840.10008.1.2.5')?.uid;

let codecs: Codecs;
beforeAll(async () => {
  codecs = await openCodecs();
});

async function storedOf(object: PixelObject): Promise<readonly number[]> {
  return [...(await decodePixels(pixelObject(object), codecs)).stored];
}

describe('stored values of native pixels', () => {
  test.for([
    { name: 'unsigned, 12 of 16 bits', bits: { bitsStored: 12 }, pixels: words(0, 4095), stored: [0, 4095] },
    { name: 'an overlay above High Bit', bits: { bitsStored: 12 }, pixels: words(0xf001, 0x8fff), stored: [1, 4095] },
    {
      name: 'signed, not extended',
      bits: { bitsStored: 12, pixelRepresentation: 1 },
      pixels: words(0x0fff, 0x0800),
      stored: [-1, -2048],
    },
    {
      name: 'signed, extended',
      bits: { bitsStored: 12, pixelRepresentation: 1 },
      pixels: words(0xffff, 0x07ff),
      stored: [-1, 2047],
    },
    {
      name: 'High Bit above Bits Stored − 1',
      bits: { bitsStored: 12, highBit: 15 },
      pixels: words(0xfff0, 0x001f),
      stored: [4095, 1],
    },
    {
      name: 'signed, all 16 bits',
      bits: { pixelRepresentation: 1 },
      pixels: words(0x8000, 0x7fff),
      stored: [-32768, 32767],
    },
    { name: 'bytes', bits: { bitsAllocated: 8 }, pixels: Buffer.of(0, 255), stored: [0, 255] },
    { name: 'more bytes than pixels', bits: {}, pixels: words(1, 2, 0xffff), stored: [1, 2] },
  ] as const)('$name', async ({ bits, pixels, stored }) => {
    for (const transferSyntaxUid of [undefined, implicitLittleUid, explicitBigUid]) {
      const syntax = transferSyntaxUid === undefined ? {} : { transferSyntaxUid };
      expect(await storedOf({ rows: 1, columns: 2, pixels, ...bits, ...syntax })).toEqual(stored);
    }
  });

  test('frames of an odd number of bytes do not shift each other in big endian words', async () => {
    const object = { rows: 1, columns: 3, frames: 2, bitsAllocated: 8, pixels: Buffer.of(1, 2, 3, 4, 5, 6) };

    expect(await storedOf({ ...object, transferSyntaxUid: explicitBigUid })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('one frame at a time gives the same values', async () => {
    const part10 = pixelObject({ rows: 1, columns: 2, frames: 2, pixels: words(1, 2, 3, 4) });

    expect([...(await decodeFrame(openFrames(part10), 1, codecs))]).toEqual([3, 4]);
  });

  test.for([
    { name: 'too few bytes', object: { frames: 2, pixels: words(1, 2) }, code: 'DICOM_PIXELS_SHORT' },
    { name: 'no pixel data', object: {}, code: 'DICOM_NO_PIXELS' },
    { name: 'no rows', object: { rows: 0, pixels: words(1) }, code: 'DICOM_NO_PIXELS' },
    { name: 'colour', object: { samplesPerPixel: 3, pixels: words(1) }, code: 'DICOM_PIXELS_UNSUPPORTED' },
    { name: '32 bits', object: { bitsAllocated: 32, pixels: words(1, 2) }, code: 'DICOM_PIXELS_UNSUPPORTED' },
    { name: '13 bits up to bit 11', object: { bitsStored: 13, highBit: 11 }, code: 'DICOM_PIXELS_UNSUPPORTED' },
    { name: 'more than the limit', object: { columns: 9, pixels: Buffer.alloc(18) }, code: 'DICOM_PIXELS_TOO_MANY' },
  ])('refuses $name with $code', async ({ object, code }) => {
    const part10 = pixelObject({ rows: 1, columns: 2, ...object });

    await expect(decodePixels(part10, codecs, { maxStoredBytes: 16 })).rejects.toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('stored values of compressed pixels', () => {
  test('a codestream that differs in sign from the header rules the decoding, the header the meaning', async () => {
    const { stored } = await decodePixels(fixture('odd-pixelrep-mismatch'), codecs);

    // 13 bits, signed by the header: decoded as the header's sign, 62 % of them would be 8192 too small
    expect([Math.min(...stored), Math.max(...stored)]).toEqual([-2000, 1896]);
  });

  test('15 bits signed come extended', async () => {
    const { stored } = await decodePixels(fixture('px-jls-15bit-signed'), codecs);

    expect([stored.constructor, Math.min(...stored) < 0]).toEqual([Int16Array, true]);
  });

  test.for([
    { name: 'a frame of another size', object: { rows: 2, columns: 3 }, code: 'DICOM_CODESTREAM_DIFFERS' },
    { name: 'fewer frames than stated', object: { rows: 1, columns: 3, frames: 2 }, code: 'DICOM_PIXELS_SHORT' },
  ])('refuses $name with $code', async ({ object, code }) => {
    // RLE: two segments (PS3.5 G.5), one literal run of three bytes each
    const frame = Buffer.alloc(72);
    frame.writeUInt32LE(2, 0);
    frame.writeUInt32LE(64, 4);
    frame.writeUInt32LE(68, 8);
    frame.set([2, 0, 0, 0, 2, 7, 8, 9], 64);
    const syntax = rleUid === undefined ? {} : { transferSyntaxUid: rleUid };

    expect(await storedOf({ rows: 1, columns: 3, pixels: [frame], ...syntax })).toEqual([7, 8, 9]);
    await expect(storedOf({ ...object, pixels: [frame], ...syntax })).rejects.toThrow(
      expect.objectContaining({ code }),
    );
  });

  test('a retired syntax is not decoded', async () => {
    const retired = findTransferSyntax('1.2.840.10008.1.2.4.53')?.uid;
    const object = {
      rows: 1,
      columns: 1,
      pixels: [Buffer.alloc(4)],
      ...(retired ? { transferSyntaxUid: retired } : {}),
    };

    await expect(storedOf(object)).rejects.toThrow(expect.objectContaining({ code: 'DICOM_CODEC_UNSUPPORTED' }));
  });

  test.for([{ name: 'ts-mr-j2k-lossless' }, { name: 'ts-mr-jpegls-lossless' }, { name: 'ts-mr-rle' }])(
    'damaged frames fail or give other pixels, and the next good one decodes: $name',
    async ({ name }) => {
      const bytes = readFileSync(`test/fixtures/zoo/${name}.dcm`);
      const good = await decodePixels(parsePart10(bytes), codecs);
      for (let step = 0; step < 12; step += 1) {
        const damaged = Buffer.from(bytes);
        for (let at = 1200 + step * 7; at < damaged.length; at += 97) damaged[at] = (step * 31 + at) % 256;
        const outcome = await decodePixels(parsePart10(damaged), codecs).catch((error: unknown) => error);
        expect(outcome).toSatisfy((it: object) => 'stored' in it || 'code' in it);
      }

      expect((await decodePixels(parsePart10(bytes), codecs)).stored).toEqual(good.stored);
    },
  );
});
