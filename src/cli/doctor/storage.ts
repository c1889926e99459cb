import { access, constants, mkdir, statfs } from 'node:fs/promises';
import type { Config } from '../../config/schema.ts';
import { LedgerError } from '../../ledger/errors.ts';
import { openCheckedLedger } from '../../ledger/sqlite/sqlite-ledger.ts';
import type { LedgerSums } from '../../ledger/sums.ts';
import { spaceOf } from '../../spool/watermarks.ts';
import { type Check, fail, guarded, ok, warn } from './check.ts';

const gibibyte = 2 ** 30;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const oldDeliveryMs = 3_600_000;

/** Spool, ledger and retention; makes the spool's folder and writes nothing else. */
export async function checkStorage(config: Config, now: number): Promise<readonly Check[]> {
  const { need, afterMs } = config.retention;
  const days = Number((afterMs / dayMs).toFixed(2));
  return [
    ...(await guarded('spool', 'mend spool.folder: it must exist and belong to this account', () =>
      spoolCheck(config),
    )),
    ...(await guarded('ledger', 'mend ledger.file, or give its folder to this account', () =>
      ledgerChecks(config, now),
    )),
    ok('retention', `files go ${days} days after every destination has ${need} them; undelivered ones stay`),
  ];
}

async function spoolCheck({ spool }: Config): Promise<Check> {
  await mkdir(spool.folder, { recursive: true, mode: 0o750 });
  await access(spool.folder, constants.W_OK | constants.X_OK);
  const { bsize, blocks, bfree, bavail } = await statfs(spool.folder);
  const space = spaceOf({ bsize, blocks, bfree, bavail }, spool, 'ok');
  const found = `writable, ${gib(space.freeBytes)} free, ${gib(space.bytesToHighMark)} to the high mark`;
  if (space.verdict === 'ok') return ok('spool', found);
  return fail('spool', `${found}: new associations are rejected`, 'free disk space, or lower retention.after');
}

function gib(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}

async function ledgerChecks({ ledger: { file } }: Config, now: number): Promise<readonly Check[]> {
  try {
    const ledger = await openCheckedLedger({ file });
    try {
      return sumChecks(await ledger.sums(), now);
    } finally {
      await ledger.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    if (error.code === 'LEDGER_MISSING') return [ok('ledger', 'none yet: the first start makes it')];
    if (error.code !== 'LEDGER_CORRUPT') throw error;
    return [fail('ledger', 'the file is damaged', 'stop the node, then: diffcode-node doctor --rebuild')];
  }
}

function sumChecks(sums: LedgerSums, now: number): readonly Check[] {
  const { received, restored, forwarded, excluded, quarantined, inProgress } = sums;
  const { due, acknowledged, warned, refused, cancelled, waiting, sending, oldestDueAt } = sums;
  const closes =
    received === restored + forwarded + excluded + quarantined + inProgress &&
    due === acknowledged + warned + refused + cancelled + waiting + sending;
  const found = `sound; received ${received}, deliveries due ${due}`;
  const ageMinutes = oldestDueAt === null ? 0 : Math.max(0, Math.round((now - oldestDueAt) / minuteMs));
  const waits = `waiting ${waiting}, sending ${sending}, refused ${refused}; oldest due for ${ageMinutes} min`;
  const isOld = ageMinutes * minuteMs > oldDeliveryMs;
  return [
    closes
      ? ok('ledger', `${found}; both sums close`)
      : fail('ledger', `${found}; the sums do not close`, 'keep the file and report it: this is a defect'),
    isOld || refused > 0
      ? warn('deliveries', waits, 'look at the destinations below; deliveries retry sends refused ones again')
      : ok('deliveries', waits),
  ];
}
