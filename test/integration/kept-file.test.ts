import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestOf } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { Commits } from '../../src/scp/storing/commit.ts';
import { Spool } from '../../src/spool/spool.ts';
import { instanceOf } from '../contract/ledger-rows.ts';

test('a row for a file that was there before, with another head, says where the data set begins in that file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kept-'));
  const spool = await Spool.open({ folder, highMark: 0.999, lowMark: 0.99 });
  const ledger = await openLedger({ file: join(folder, 'ledger.db') });
  const data = Buffer.from('data set');
  const digest = digestOf(createHash('sha256').update(data).digest('hex'));
  const part = (headBytes: number) => {
    const incoming = spool.createIncoming();
    incoming.write([Buffer.alloc(headBytes), data]);
    return incoming;
  };
  await part(30).place(digest).sync();

  const row = instanceOf(1, 1, { digest, dataSetOffsetBytes: 22, sizeBytes: 30 });
  expect(await new Commits(ledger).commit(part(22), row)).toEqual({ kind: 'stored' });

  const stored = await ledger.findInstance(row.sopInstanceUid);
  expect(stored).toMatchObject({ dataSetOffsetBytes: 30, sizeBytes: 38 });
  expect(await spool.check('instance', digest, stored?.dataSetOffsetBytes ?? 0)).toBe('complete');
  await ledger.close();
  await spool.close();
  await rm(folder, { recursive: true });
});
