import { userInfo } from 'node:os';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import { parseUid, type SeriesInstanceUid } from '../dicom/uid.ts';
import { type DeliveryFilter, destinationNameOf } from '../ledger/ledger.ts';
import { openLedger, openLedgerReader } from '../ledger/sqlite/sqlite-ledger.ts';
import { openAudit } from '../observe/audit.ts';
import { createLogger, plainUid } from '../observe/logger.ts';
import { openConfig } from './config.ts';
import { CliError } from './errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, parseOptions, textOption } from './invocation.ts';

const options = {
  config: textOption.optional(),
  json: z.boolean().default(false),
  destination: textOption.optional(),
  series: textOption.optional(),
  state: z.enum(['waiting', 'refused', 'cancelled']).optional(),
};

const actions = { retry: 'delivery.retried', cancel: 'delivery.cancelled' } as const;

/** `deliveries retry | cancel`: changes rows beside a running node, which looks at them within a second. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { config: folder, json, destination, series, state } = parseOptions(invocation, options);
  const [action] = invocation.words;
  if ((action !== 'retry' && action !== 'cancel') || destination === undefined) {
    throw new CliError('CLI_USAGE', 'deliveries retry | cancel --destination NAME: say which; see --help');
  }
  const config = await openConfig(folder);
  const filter = {
    destination: destinationNameOf(destination),
    ...(series === undefined ? {} : { seriesInstanceUid: parseUid<SeriesInstanceUid>(series) }),
    ...(state === undefined ? {} : { state }),
  };
  const deliveries = await change(config, action, filter);
  await record(config, action, { destination, deliveries });
  if (json) invocation.print(JSON.stringify({ action, destination, deliveries }));
  else
    invocation.print(`${deliveries} deliveries to ${destination} ${action === 'retry' ? 'are due now' : 'cancelled'}`);
  return exitCodes.done;
}

/** Opening to write would make a ledger where there is none: it is read first. */
async function change(config: Config, action: keyof typeof actions, filter: DeliveryFilter): Promise<number> {
  await (await openLedgerReader(config.ledger)).close();
  const ledger = await openLedger(config.ledger);
  try {
    if (action === 'retry') return await ledger.retryDeliveries(filter, Date.now());
    return await ledger.cancelDeliveries(filter, Date.now());
  } finally {
    await ledger.close();
  }
}

async function record(
  config: Config,
  action: keyof typeof actions,
  detail: { readonly destination: string; readonly deliveries: number },
): Promise<void> {
  const logger = createLogger({ level: 'error', uidForLog: plainUid, stream: process.stderr });
  const audit = openAudit({ file: config.audit.file, logger });
  audit.record(actions[action], accountName(), detail);
  await audit.close();
}

/** An account without an entry has a number only. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
