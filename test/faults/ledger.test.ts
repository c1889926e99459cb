import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger, openLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { instanceOf, pacs, verdictOf } from '../contract/ledger-rows.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  file = join(folder, 'ledger.db');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function start(...parameters: readonly string[]): ChildProcess {
  return fork(new URL('./ledger-process.ts', import.meta.url), parameters, { execArgv: ['--import', 'tsx'] });
}

async function withLedger<T>(use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await openLedger({ file });
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

/** Kills the process when it has acknowledged so many rows; resolves to their numbers. */
async function killAfter(rows: number): Promise<readonly number[]> {
  const child = start('record', file);
  const acknowledged: number[] = [];
  child.on('message', (number: number) => {
    acknowledged.push(number);
    if (acknowledged.length === rows) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  return acknowledged;
}

/** Commits in a write-ahead log: frames whose header holds the size of the database after a commit (sqlite.org/fileformat2 4.1). */
async function commitsIn(log: string): Promise<number> {
  const bytes = await readFile(log);
  const pageBytes = bytes.readUInt32BE(8);
  let commits = 0;
  for (let frame = 32; frame + 24 <= bytes.length; frame += 24 + pageBytes) {
    if (bytes.readUInt32BE(frame + 4) !== 0) commits++;
  }
  return commits;
}

describe('a ledger whose process is killed', () => {
  test('has every row that was acknowledged, and is sound', async () => {
    const acknowledged = [...(await killAfter(40)), ...(await killAfter(80))];

    await withLedger(async (ledger) => {
      const rows = await ledger.seriesInstances(instanceOf(1, 1).seriesInstanceUid);
      const found = new Set(rows.map(({ receivedAt }) => receivedAt));
      expect(acknowledged.filter((number) => !found.has(number))).toEqual([]);
      expect(await ledger.sums()).toMatchObject({ received: found.size, inProgress: found.size });
    });
  });

  test('is read by another process while it runs and after its death', async () => {
    const child = start('record', file);
    await once(child, 'message');

    const running = await openLedgerReader({ file });
    expect((await running.sums()).received).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await running.close();

    const dead = await openLedgerReader({ file });
    const { received, inProgress } = await dead.sums();
    expect(received).toBe(inProgress);
    expect(await dead.stories({ limit: 1 })).toMatchObject([{ instances: received, state: 'collecting' }]);
    await dead.close();
  });
});

test('rows that arrive while a transaction is in flight share the next flush', async () => {
  const commits = await withLedger(async (ledger) => {
    const before = await commitsIn(`${file}-wal`);
    await Promise.all(Array.from({ length: 400 }, (_, n) => ledger.recordInstance(instanceOf(1, n + 1))));
    return (await commitsIn(`${file}-wal`)) - before;
  });

  expect(commits).toBeGreaterThan(0);
  expect(commits).toBeLessThan(40);
});

test('rows that come one after another are one flush each', async () => {
  const commits = await withLedger(async (ledger) => {
    const before = await commitsIn(`${file}-wal`);
    for (let n = 1; n <= 10; n++) await ledger.recordInstance(instanceOf(1, n));
    return (await commitsIn(`${file}-wal`)) - before;
  });

  expect(commits).toBe(10);
});

test('two processes that claim at once never get the same delivery', async () => {
  await withLedger(async (ledger) => {
    await Promise.all(Array.from({ length: 60 }, (_, n) => ledger.recordInstance(instanceOf(1, n + 1))));
    await ledger.decideSeries(
      { seriesInstanceUid: instanceOf(1, 1).seriesInstanceUid, revision: 1 },
      60,
      verdictOf('forwarded', { originals: [pacs] }),
    );
  });

  const claimed: string[] = [];
  const claimers = ['a', 'b'].map((owner) => {
    const child = start('claim', file, owner);
    child.on('message', (uids: string[]) => claimed.push(...uids));
    return once(child, 'exit');
  });
  await Promise.all(claimers);

  expect(claimed).toHaveLength(60);
  expect(new Set(claimed).size).toBe(60);
});

describe('a ledger file that is damaged', () => {
  beforeEach(async () => {
    await withLedger((ledger) =>
      Promise.all(Array.from({ length: 300 }, (_, n) => ledger.recordInstance(instanceOf(1, n + 1)))),
    );
  });

  test('in its first bytes is refused with the way to rebuild it', async () => {
    await writeFile(file, 'not a database, though long enough to have a header of one hundred bytes'.repeat(20));

    const opening = openLedger({ file });

    await expect(opening).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' });
    await expect(opening).rejects.toThrow('doctor --rebuild');
  });

  test('in its middle is refused too', async () => {
    const { size } = await stat(file);
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(size - 8_192, 0x5a), 0, size - 8_192, 8_192);
    await handle.close();

    await expect(openLedger({ file })).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' });
  });
});

test('a reader does not make a ledger where none is', async () => {
  await expect(openLedgerReader({ file })).rejects.toMatchObject({ code: 'LEDGER_MISSING' });
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
});
