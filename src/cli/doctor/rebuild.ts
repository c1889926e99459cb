import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import type { Config } from '../../config/schema.ts';
import { LedgerError } from '../../ledger/errors.ts';
import { type Rebuild, rebuild } from '../../ledger/rebuild.ts';
import { openCheckedLedger, openLedger } from '../../ledger/sqlite/sqlite-ledger.ts';
import { readStoredDerived, storedInstanceReader } from '../../pipeline/read-stored.ts';
import { Spool } from '../../spool/spool.ts';
import { runningNode } from '../pid-file.ts';
import { type Check, fail, ok } from './check.ts';

/** Moves a damaged ledger aside, never deletes it, and makes a new one from the spool. A sound one is left as it is. */
export async function rebuildLedger(config: Config, now: number): Promise<Check> {
  const pid = await runningNode(config);
  if (pid !== undefined) return fail('rebuild', `node ${pid} runs on this ledger`, 'stop it first');
  if (await isSound(config)) return ok('rebuild', 'not needed: the ledger is sound');
  const aside = await moveAside(config.ledger.file, now);
  const { instances, derived, setAside } = await rebuildFrom(config, now);
  const kept = aside === undefined ? '' : `; the damaged file is kept with ending ${aside}`;
  return ok('rebuild', `${instances} received and ${derived} derived objects, ${setAside} files set aside${kept}`);
}

async function isSound({ ledger }: Config): Promise<boolean> {
  try {
    await (await openCheckedLedger(ledger)).close();
    return true;
  } catch (error) {
    const isGone = error instanceof LedgerError && (error.code === 'LEDGER_CORRUPT' || error.code === 'LEDGER_MISSING');
    if (!isGone) throw error;
    return false;
  }
}

/** With its log, which belongs to it. Resolves to the ending that the files have now. */
async function moveAside(file: string, now: number): Promise<string | undefined> {
  const ending = `.damaged-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  const there = ['', '-wal', '-shm'].filter((part) => existsSync(`${file}${part}`));
  for (const part of there) await rename(`${file}${part}`, `${file}${ending}${part}`);
  return there.length === 0 ? undefined : ending;
}

async function rebuildFrom(config: Config, now: number): Promise<Rebuild> {
  const spool = await Spool.open(config.spool);
  const ledger = await openLedger(config.ledger);
  try {
    const read = { instance: storedInstanceReader(config.scp.aeTitle), derived: readStoredDerived };
    return await rebuild(ledger, spool, read, now);
  } finally {
    await ledger.close();
    await spool.close();
  }
}
