import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { Spool } from '../../src/spool/spool.ts';
import { instanceOf } from '../contract/ledger-rows.ts';
import { SmallDisk } from './small-disk.ts';

const disk = SmallDisk.mount(8);
if (typeof disk === 'string') console.warn(disk);

describe.skipIf(typeof disk === 'string')('a disk that is full', () => {
  const root = typeof disk === 'string' ? '' : disk.folder;

  afterAll(() => {
    if (typeof disk !== 'string') disk[Symbol.dispose]();
  });

  test('in the middle of an object leaves no part, and the next object is kept once there is space', async () => {
    const folder = join(root, 'spool');
    const spool = await Spool.open({ folder, highMark: 0.9, lowMark: 0.5 });
    const filler = spool.createIncoming();
    const chunk = Buffer.alloc(262_144);

    expect(() => {
      for (let written = 0; written < 64; written++) filler.write([chunk]);
    }).toThrow(expect.objectContaining({ code: 'SPOOL_FULL' }));
    expect(spool.space().verdict).toBe('above-high-mark');
    filler.discard();
    expect(await readdir(join(folder, 'incoming'))).toEqual([]);

    const next = spool.createIncoming();
    next.write([chunk]);
    await next.place('a'.repeat(64)).sync();
    expect(spool.space().verdict).toBe('ok');
    await spool.close();
    await rm(folder, { recursive: true });
  });

  test('refuses rows, keeps those it had, and takes rows again once there is space', async () => {
    const file = join(root, 'ledger.db');
    const filler = join(root, 'filler');
    const ledger = await openLedger({ file });
    await ledger.recordInstance(instanceOf(1, 1));
    await writeFile(filler, Buffer.alloc(64 << 20)).catch(() => undefined);

    const rows = Array.from({ length: 2_000 }, (_, n) => ledger.recordInstance(instanceOf(2, n + 1)));
    const settled = await Promise.allSettled(rows);
    const stored = settled.filter(({ status }) => status === 'fulfilled').length;
    const refused = settled.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.reason).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });

    await rm(filler);
    expect(await ledger.recordInstance(instanceOf(3, 1))).toEqual({ kind: 'stored' });
    expect(await ledger.sums()).toMatchObject({ received: 2 + stored });
    await ledger.close();
  });
});
