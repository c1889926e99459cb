import { randomUUID } from 'node:crypto';
import { changedKeys } from './config/changed-keys.ts';
import type { Config } from './config/schema.ts';
import { widenedTexts } from './config/widened-limits.ts';
import type { Ledger, NewInstance } from './ledger/ledger.ts';
import { recover } from './ledger/recovery.ts';
import { openLedger } from './ledger/sqlite/sqlite-ledger.ts';
import { auditStart } from './node-audit.ts';
import { type Audit, openAudit } from './observe/audit.ts';
import type { Logger } from './observe/logger.ts';
import { Assembler } from './pipeline/assembler.ts';
import { pixelSettingsDigest } from './pipeline/derived-plan.ts';
import { type InstalledWeights, openInstalledWeights } from './pipeline/installed-weights.ts';
import { JobRunner } from './pipeline/job-runner.ts';
import { storedInstanceReader } from './pipeline/read-stored.ts';
import { removeDelivered } from './pipeline/retention.ts';
import { ThreadRestorer } from './pipeline/thread-restorer.ts';
import { Transcoder } from './pipeline/transcoder.ts';
import { compileRules } from './router/rules.ts';
import { Schedule } from './schedule/schedule.ts';
import { isOpen, openWindows } from './schedule/windows.ts';
import { ScpServer } from './scp/server.ts';
import { Sender } from './sender/sender.ts';
import { Spool } from './spool/spool.ts';

export interface NodeOptions {
  readonly config: Config;
  readonly version: string;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** A node that runs. */
export interface RunningNode {
  readonly port: number;
  readonly weights: InstalledWeights;
  /**
   * Takes changed rules and destinations into force; a decision once made stays. Resolves to the keys of `node.yaml`
   * that differ and need a restart.
   */
  reload(read: Config): Promise<readonly string[]>;
  /** Ends what is under way until the deadline, then at once; everything accepted is on disk afterwards. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Builds every part once and starts them in order: what takes work before what brings it (architecture.md, Rooms).
 * @throws errors of the rooms: nothing is left running when it does
 */
export async function startNode({ config, version, logger, now = Date.now }: NodeOptions): Promise<RunningNode> {
  const weights = await openInstalledWeights(config.model.weights);
  const spool = await Spool.open(config.spool);
  const ledger = await openLedger({ file: config.ledger.file });
  const audit = openAudit({ file: config.audit.file, logger, now });
  await recoverAtStart(ledger, spool, config, logger);
  let rules = compileRules(config.rules);
  let inForce = config.digest;

  const installation = await installationId(ledger, config);
  await ledger.abandonLeases(installation);
  const transcoder = new Transcoder();
  const sender = new Sender(config.destinations, {
    ledger,
    settings: config.sender,
    callingAeTitle: config.scp.aeTitle,
    owner: installation,
    path: ({ origin, digest }) => spool.path(origin, digest),
    transcode: (path, target) => transcoder.transcode(path, target),
    isWindowOpen: (name, at) => isWindowOpen(config, name, at),
    logger,
    now,
    random: Math.random,
  });
  const runner = new JobRunner({
    ledger,
    owner: installation,
    spool,
    restorer: new ThreadRestorer({ spoolFolder: config.spool.folder, preset: weights.preset, logger }),
    config,
    widenedLimits: (task) => widenedTexts(task, config.gate),
    provenance: {
      installationId: installation,
      nodeVersion: version,
      timezone: config.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
    weights: () => weights,
    preset: weights.preset,
    openWindows: () => openWindows(config.windows, now()),
    logger,
    now,
    onDeliveries: () => sender.wake(),
  });
  const assembler = new Assembler({
    ledger,
    spool,
    times: config.assembler,
    rules: () => rules,
    weights: { ...weights, settingsDigest: pixelSettingsDigest(config.model.seed) },
    logger,
    now,
    onWork: () => {
      sender.wake();
      runner.wake();
    },
  });
  const scp = new ScpServer({ config, spool, ledger: wakingLedger(ledger, assembler), logger, audit, now });
  const schedule = new Schedule({
    windows: config.windows,
    wake: () => {
      sender.wake();
      runner.wake();
    },
    tasks: [
      {
        name: 'retention',
        cron: '*/10 * * * *',
        run: async (signal) =>
          void (await removeDelivered({ ledger, spool, logger, now }, config.retention.afterMs, signal)),
      },
      { name: 'clean-mark', cron: '*/5 * * * *', run: () => ledger.markClean(now() - config.scp.limits.commitMs) },
      { name: 'work', cron: '*/15 * * * * *', run: async () => runner.wake() },
    ],
    logger,
    now,
  });

  const stop = async (graceMs: number): Promise<void> => {
    const deadline = now() + graceMs;
    await scp.stop(deadline);
    await schedule.stop(deadline);
    await assembler.stop();
    await runner.stop();
    await sender.stop(Math.max(0, deadline - now()));
    await transcoder.close();
    await stopMemory(ledger, audit, spool);
  };
  sender.start();
  runner.start();
  assembler.start();
  schedule.start();
  try {
    await scp.start();
    await auditStart(audit, ledger, config, { version, weightsDigest: weights.digest });
  } catch (error) {
    await stop(0);
    throw error;
  }
  return {
    port: scp.port,
    weights,
    reload: async (read) => {
      audit.record('configuration.changed', 'node', {
        from: inForce,
        to: read.digest,
        files: ['rules.yaml', 'destinations.yaml'],
      });
      inForce = read.digest;
      rules = compileRules(read.rules);
      await sender.reconfigure(read.destinations, config.sender.releaseTimeoutMs);
      assembler.wake();
      return changedKeys(config, read);
    },
    stop,
  };
}

/** Wakes the assembler at every stored object and every release; the ledger alone says what there is to do. */
function wakingLedger(ledger: Ledger, assembler: Assembler) {
  return {
    recordInstance: async (instance: NewInstance) => {
      const outcome = await ledger.recordInstance(instance);
      assembler.wake();
      return outcome;
    },
    associationReleased: async (associationId: string, releasedAt: number) => {
      await ledger.associationReleased(associationId, releasedAt);
      assembler.wake();
    },
    forgetInstance: (sopInstanceUid: NewInstance['sopInstanceUid']) => ledger.forgetInstance(sopInstanceUid),
  };
}

async function recoverAtStart(ledger: Ledger, spool: Spool, config: Config, logger: Logger): Promise<void> {
  const startedAt = performance.now();
  const parts = await spool.recover();
  const { checked, forgotten, adopted, setAside } = await recover(
    ledger,
    spool,
    storedInstanceReader(config.scp.aeTitle),
  );
  logger.info('spool.recovered', {
    instances: checked + adopted,
    durationMs: Math.round(performance.now() - startedAt),
    reason: `parts removed ${parts}, adopted ${adopted}, forgotten ${forgotten.length}, set aside ${setAside}`,
  });
}

/** Device Serial Number of everything derived here: configured, or made at the first start. */
async function installationId(ledger: Ledger, { installation }: Config): Promise<string> {
  if (installation.id !== null) return installation.id;
  const known = await ledger.setting('installation.id');
  if (known !== undefined) return known;
  const made = randomUUID();
  await ledger.setSetting('installation.id', made);
  return made;
}

function isWindowOpen({ windows }: Config, name: string, at: number): boolean {
  const window = windows[name];
  return window === undefined || isOpen(window, at);
}

async function stopMemory(ledger: Ledger, audit: Audit, spool: Spool): Promise<void> {
  audit.record('node.stopped', 'node', { reason: 'asked to stop' });
  await ledger.markClean(Number.MAX_SAFE_INTEGER);
  await audit.close();
  await ledger.close();
  await spool.close();
}
