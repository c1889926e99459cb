import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DerivedRow, digestOf, type Ledger, type NewInstance } from '../../src/ledger/ledger.ts';
import { rebuild } from '../../src/ledger/rebuild.ts';
import { recover, type SpoolFile } from '../../src/ledger/recovery.ts';
import { openLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { Spool } from '../../src/spool/spool.ts';
import { derivedOf, instanceOf } from '../contract/ledger-rows.ts';

let folder: string;
let spool: Spool;
let ledger: Ledger;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recovery-'));
  spool = await Spool.open({ folder: join(folder, 'spool'), highMark: 0.999, lowMark: 0.99 });
  ledger = await openLedger({ file: join(folder, 'ledger.db') });
});

afterEach(async () => {
  await ledger.close();
  await spool.close();
  await rm(folder, { recursive: true });
});

const headBytes = 8;

/** A stand-in for a DICOM file: eight bytes of head, then `series.number` as the data set. */
async function store(
  series: number,
  number: number,
  origin: 'instance' | 'derived' = 'instance',
): Promise<NewInstance> {
  const data = Buffer.from(`${series}.${number}`);
  const digest = digestOf(createHash('sha256').update(data).digest('hex'));
  const part = origin === 'instance' ? spool.createIncoming() : spool.createDerived();
  part.write([Buffer.alloc(headBytes), data]);
  await part.place(digest).sync();
  return instanceOf(series, number, { digest, sizeBytes: headBytes + data.length, dataSetOffsetBytes: headBytes });
}

async function readInstance(file: SpoolFile): Promise<NewInstance | undefined> {
  const [series, number] = (await readFile(file.path, 'latin1')).slice(headBytes).split('.').map(Number);
  if (series === undefined || number === undefined) return undefined;
  return instanceOf(series, number, { sizeBytes: file.sizeBytes, dataSetOffsetBytes: headBytes });
}

async function readDerived(file: SpoolFile): Promise<DerivedRow | undefined> {
  const source = await readInstance(file);
  return source && { ...derivedOf(source), task: 'ct-denoising', contextJson: '{}', revision: 1 };
}

const aside = (): Promise<string[]> => readdir(join(folder, 'spool', 'aside'));

describe('starting again', () => {
  test('rows whose files are whole stay, and are not checked a second time', async () => {
    await ledger.recordInstance(await store(1, 1));

    expect(await recover(ledger, spool, readInstance)).toEqual({ checked: 1, forgotten: [], adopted: 0, setAside: 0 });
    expect(await recover(ledger, spool, readInstance)).toMatchObject({ checked: 0 });
  });

  test('a row whose file is short goes, and the file is moved aside, not unlinked', async () => {
    const damaged = await store(1, 1);
    await ledger.recordInstance(damaged);
    await ledger.recordInstance(await store(1, 2));
    await truncate(spool.path('instance', damaged.digest), headBytes + 1);

    const { checked, forgotten } = await recover(ledger, spool, readInstance);

    expect(checked).toBe(1);
    expect(forgotten.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([damaged.sopInstanceUid]);
    expect(await ledger.sums()).toMatchObject({ received: 1 });
    expect(await aside()).toHaveLength(1);
  });

  test('a row whose file is missing goes', async () => {
    await ledger.recordInstance(instanceOf(1, 1));

    expect((await recover(ledger, spool, readInstance)).forgotten).toHaveLength(1);

    expect(await ledger.sums()).toMatchObject({ received: 0 });
  });

  test('a complete file without a row is adopted, and the sender’s repeat meets a duplicate', async () => {
    const orphan = await store(1, 1);

    expect(await recover(ledger, spool, readInstance)).toMatchObject({ adopted: 1, setAside: 0 });

    expect(await ledger.recordInstance(orphan)).toEqual({ kind: 'duplicate' });
  });

  test('a damaged file without a row is moved aside', async () => {
    const orphan = await store(1, 12);
    await truncate(spool.path('instance', orphan.digest), headBytes + 3);

    expect(await recover(ledger, spool, readInstance)).toMatchObject({ adopted: 0, setAside: 1 });

    expect(await aside()).toHaveLength(1);
    expect(await ledger.sums()).toMatchObject({ received: 0 });
  });

  test('a file that only a conflict names is no orphan', async () => {
    await ledger.recordInstance(await store(1, 1));
    const other = await store(1, 2);
    await ledger.recordInstance({ ...instanceOf(1, 1), digest: other.digest });

    expect(await recover(ledger, spool, readInstance)).toMatchObject({ adopted: 0, setAside: 0 });
  });
});

describe('rebuilding a lost ledger', () => {
  test('brings back instances and derived objects; series collect anew', async () => {
    const stored = await Promise.all([1, 2, 3].map((number) => store(1, number)));
    await store(1, 1, 'derived');

    const rebuilt = await rebuild(ledger, spool, { instance: readInstance, derived: readDerived }, 5_000);

    expect(rebuilt).toEqual({ instances: 3, derived: 1, setAside: 0 });
    expect(await ledger.sums()).toMatchObject({ received: 3, inProgress: 3, derived: 1 });
    const [first] = stored;
    const known = await ledger.derivedOfSeries(instanceOf(1, 1).seriesInstanceUid);
    expect(known).toMatchObject([{ sourceSopInstanceUid: first?.sopInstanceUid, revision: 1 }]);
    expect(await ledger.instancesSinceCleanMark()).toEqual([]);
  });

  test('run twice is run once', async () => {
    await store(1, 1);
    const read = { instance: readInstance, derived: readDerived };
    await rebuild(ledger, spool, read, 5_000);

    await rebuild(ledger, spool, read, 6_000);

    expect(await ledger.sums()).toMatchObject({ received: 1, conflicts: 0 });
  });

  test('moves damaged files aside and says how many', async () => {
    const damaged = await store(1, 1);
    await truncate(spool.path('instance', damaged.digest), headBytes);
    const derived = await store(2, 1, 'derived');
    await truncate(spool.path('derived', derived.digest), headBytes);

    const rebuilt = await rebuild(ledger, spool, { instance: readInstance, derived: readDerived }, 5_000);

    expect(rebuilt).toEqual({ instances: 0, derived: 0, setAside: 2 });
    expect(await aside()).toHaveLength(2);
  });
});
