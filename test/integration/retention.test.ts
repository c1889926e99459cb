import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf, type Ledger, type NewInstance } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { removeDelivered } from '../../src/pipeline/retention.ts';
import { Spool } from '../../src/spool/spool.ts';
import { instanceOf, pacs, verdictOf } from '../contract/ledger-rows.ts';

const data = Buffer.from('data set');
const digest = digestOf(createHash('sha256').update(data).digest('hex'));
const row: NewInstance = instanceOf(1, 1, { digest, dataSetOffsetBytes: 0 });
const { signal } = new AbortController();

let folder: string;
let spool: Spool;
let ledger: Ledger;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retention-'));
  spool = await Spool.open({ folder, highMark: 0.999, lowMark: 0.99 });
  ledger = await openLedger({ file: join(folder, 'ledger.db') });
  await store();
  await ledger.routeInstances([{ sopInstanceUid: row.sopInstanceUid, destinations: [pacs] }], 10);
  await ledger.decideSeries({ ...row, revision: 1 }, 1, verdictOf('forwarded', { originals: [], decidedAt: 20 }));
  const [delivery] = await ledger.claimDeliveries(pacs, 1, { owner: 's', until: 1_000 }, 30);
  const end = { outcome: 'acknowledged', dimseStatus: 0, reason: '', dueAt: null, endedAt: 40 };
  await ledger.endDeliveries([{ ...end, state: 'acknowledged', deliveryId: delivery?.deliveryId ?? '' }], 's');
});

afterEach(async () => {
  await ledger.close();
  await spool.close();
  await rm(folder, { recursive: true });
});

async function store(): Promise<string> {
  const incoming = spool.createIncoming();
  incoming.write([data]);
  const placed = incoming.place(digest);
  const [{ kind }] = await Promise.all([ledger.recordInstance(row), placed.sync()]);
  return kind;
}

const parts = () => ({ ledger, spool, logger: silentLogger, now: () => 100_000 });

test('removes what every destination has had for long enough, and keeps the row', async () => {
  expect(await removeDelivered(parts(), 99_970, signal)).toBe(0);
  expect(await removeDelivered(parts(), 1_000, signal)).toBe(1);

  expect(await spool.check('instance', digest, 0)).toBe('missing');
  expect(await ledger.findInstance(row.sopInstanceUid)).toMatchObject({ state: 'removed' });
});

describe('an object that comes again while it is being removed', () => {
  test.for(['before', 'after'] as const)('%s its row is marked has its file afterwards', async (moment) => {
    const meanwhile = {
      removable: (olderThan: number, limit: number) => ledger.removable(olderThan, limit),
      markRemoved: async (uids: Parameters<Ledger['markRemoved']>[0], now: number) => {
        if (moment === 'before') expect(await store()).toBe('duplicate');
        await ledger.markRemoved(uids, now);
        if (moment === 'after') expect(await store()).toBe('stored-again');
      },
    };

    await removeDelivered({ ...parts(), ledger: meanwhile }, 1_000, signal);

    expect(await spool.check('instance', digest, 0)).toBe('complete');
  });
});
