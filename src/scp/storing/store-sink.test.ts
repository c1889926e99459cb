import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HeaderScanner } from '../../dicom/header-scanner.ts';
import { Spool } from '../../spool/spool.ts';
import { SinkBudget } from './sink-budget.ts';
import { StoreSink } from './store-sink.ts';

const meta = Buffer.from('meta');
let folder: string;
let spool: Spool;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diffcode-sink-'));
  spool = await Spool.open({ folder, highMark: 0.999, lowMark: 0.998 });
});

afterEach(async () => {
  await spool.close();
  await rm(folder, { recursive: true });
});

function openSink(limitBytes = 2 ** 30): StoreSink {
  return new StoreSink({
    incoming: spool.createIncoming(),
    scanner: new HeaderScanner('1.2.840.10008.1.2.1'),
    budget: new SinkBudget({ sinkBytes: 2 ** 25, sinkResumeBytes: 2 ** 24 }),
    limit: { bytes: limitBytes, code: 'SCP_DATA_SET_TOO_LONG' },
    meta,
  });
}

async function parts(): Promise<readonly Buffer[]> {
  const names = await readdir(join(folder, 'incoming'));
  return Promise.all(names.map((name) => readFile(join(folder, 'incoming', name))));
}

describe('StoreSink', () => {
  test.for([0, 1, 100, 256 * 1024, 256 * 1024 + 1, 1_000_000])(
    'writes a data set of %i bytes behind the meta, and hashes it without',
    async (length) => {
      const dataSet = Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 256));
      const sink = openSink();

      for (let at = 0; at < length; at += 65_000) await sink.write(dataSet.subarray(at, at + 65_000));
      const object = await sink.finish();

      if (typeof object === 'string') throw new Error(object);
      expect(object.digest).toBe(createHash('sha256').update(dataSet).digest('hex'));
      expect(object.dataSetBytes).toBe(length);
      const [file] = await parts();
      expect(file?.equals(Buffer.concat([meta, dataSet]))).toBe(true);
      object.incoming.discard();
    },
  );

  test('an object above 8 MiB asks its sender to wait for the disk, and is whole', async () => {
    const piece = Buffer.alloc(1024 * 1024, 3);
    const sink = openSink();
    let waits = 0;

    for (let sent = 0; sent < 40; sent++) {
      const busy = sink.write(piece);
      if (busy !== undefined) waits += 1;
      await busy;
    }
    const object = await sink.finish();

    expect(waits).toBeGreaterThan(0);
    if (typeof object === 'string') throw new Error(object);
    expect(object.incoming.sizeBytes).toBe(meta.length + 40 * piece.length);
    object.incoming.discard();
  });

  test('a data set above the limit is swallowed: no file, and the reason at its end', async () => {
    const sink = openSink(1000);

    await sink.write(Buffer.alloc(600));
    await sink.write(Buffer.alloc(600));
    await sink.write(Buffer.alloc(600));

    expect(await sink.finish()).toBe('SCP_DATA_SET_TOO_LONG');
    expect(sink.dataSetBytes).toBe(1800);
    expect(await parts()).toEqual([]);
  });

  test('a data set that does not come to its end leaves no file', async () => {
    const sink = openSink();
    await sink.write(Buffer.alloc(10_000_000));

    await sink.discard();

    expect(await parts()).toEqual([]);
  });
});
