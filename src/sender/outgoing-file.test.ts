import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DataSetSource, OutgoingBytes, OutgoingFile, SliceBuffers } from './outgoing-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outgoing-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** All slices, copied, since their buffers go round. */
async function slicesOf(source: DataSetSource): Promise<readonly Buffer[]> {
  const slices: Buffer[] = [];
  for (;;) {
    const slice = await source.next();
    slices.push(Buffer.from(slice.bytes));
    slice.release();
    if (slice.isLast) return slices;
  }
}

async function stored(head: Uint8Array, dataSet: Uint8Array) {
  const path = join(folder, 'file');
  await writeFile(path, Buffer.concat([head, dataSet]));
  const digest = createHash('sha256').update(dataSet).digest('hex');
  return { path, dataSetOffsetBytes: head.length, digest };
}

describe('an outgoing file', () => {
  test('any data set comes in slices of the size asked for, the head left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 64 }),
        async (dataSet, sizeBytes) => {
          const source = await OutgoingFile.open(await stored(Buffer.alloc(9), dataSet), new SliceBuffers(sizeBytes));
          const slices = await slicesOf(source);
          await source.close();

          expect(Buffer.concat(slices)).toEqual(Buffer.from(dataSet));
          expect(slices.slice(0, -1).every(({ length }) => length === sizeBytes)).toBe(true);
          expect(slices).toHaveLength(Math.max(1, Math.ceil(dataSet.length / sizeBytes)));
        },
      ),
      { seed: 20_260_101, numRuns: 50 },
    );
  });

  test('whose digest differs gives every slice but its last', async () => {
    const file = await stored(Buffer.alloc(0), Buffer.alloc(100, 1));
    const source = await OutgoingFile.open({ ...file, digest: 'f'.repeat(64) }, new SliceBuffers(40));

    expect((await source.next()).bytes).toHaveLength(40);
    expect((await source.next()).bytes).toHaveLength(40);
    await expect(source.next()).rejects.toMatchObject({
      code: 'SENDER_UNREADABLE',
      details: { what: 'digest differs' },
    });
    await source.close();
  });

  test('that is missing says so without its path', async () => {
    const missing = { path: join(folder, 'Doe^Jane'), dataSetOffsetBytes: 0, digest: '' };

    const opening = OutgoingFile.open(missing, new SliceBuffers(8));

    await expect(opening).rejects.toMatchObject({ code: 'SENDER_UNREADABLE', details: { system: 'ENOENT' } });
    await expect(opening).rejects.not.toThrow('Doe');
  });

  test('that is shorter than its head is unreadable', async () => {
    const file = await stored(Buffer.alloc(4), Buffer.alloc(4));

    const source = await OutgoingFile.open({ ...file, dataSetOffsetBytes: 99 }, new SliceBuffers(8));

    await expect(source.next()).rejects.toMatchObject({ code: 'SENDER_UNREADABLE' });
    await source.close();
  });
});

test('bytes in memory come in the same slices, whatever ranges they lie in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 64 }),
      async (ranges, sizeBytes) => {
        const source = new OutgoingBytes(
          ranges.map((range) => Buffer.from(range)),
          new SliceBuffers(sizeBytes),
        );
        const slices = await slicesOf(source);

        expect(Buffer.concat(slices)).toEqual(Buffer.concat(ranges));
        expect(slices.slice(0, -1).every(({ length }) => length === sizeBytes)).toBe(true);
      },
    ),
    { seed: 20_260_101 },
  );
});
