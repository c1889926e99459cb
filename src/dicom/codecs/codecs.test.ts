import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Codecs, openCodecs } from './codecs.ts';

const allCodecs = ['jpeg-ls', 'jpeg', 'jpeg-2000', 'htj2k', 'rle'] as const;

let codecs: Codecs;
beforeAll(async () => {
  codecs = await openCodecs();
});

describe('codecs', () => {
  test('any bits stored in words survive each codec, signed or not', async () => {
    const shapes = fc.record({
      codec: fc.constantFrom(...allCodecs),
      bitsStored: fc.integer({ min: 2, max: 16 }),
      pixelRepresentation: fc.constantFrom<(0 | 1)[]>(0, 1),
      values: fc.array(fc.nat(0xffff), { minLength: 12, maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ codec, bitsStored, pixelRepresentation, values }) => {
        const shape = { rows: 3, columns: 4, bitsAllocated: 16, bitsStored, pixelRepresentation } as const;
        const right = 32 - bitsStored;
        const signed = pixelRepresentation === 1;
        const words = values.map((value) => (signed ? (value << right) >> right : (value << right) >>> right));
        const bytes = Buffer.from(Uint16Array.from(words).buffer);

        const decoded = await codecs.decode(codec, shape, await codecs.encode(codec, shape, bytes));

        const mask = 2 ** bitsStored - 1;
        expect(Array.from(words, (_, at) => decoded.readUInt16LE(at * 2) & mask)).toEqual(
          words.map((word) => word & mask),
        );
      }),
      { seed: 20_260_101, numRuns: 100 },
    );
  });

  test('a frame that no decoder can read is our error, with the cause', async () => {
    const shape = { rows: 3, columns: 4, bitsAllocated: 16, bitsStored: 16, pixelRepresentation: 0 } as const;

    for (const codec of allCodecs) {
      await expect(codecs.decode(codec, shape, Buffer.alloc(100, 0x55))).rejects.toThrow(
        expect.objectContaining({ name: 'DicomError' }),
      );
    }
  });
});
