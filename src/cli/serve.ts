import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import { startNode } from '../node.ts';
import { createLogger, hashedUid, type Logger, plainUid } from '../observe/logger.ts';
import { openConfig } from './config.ts';
import { CliError } from './errors.ts';
import { codeOf, type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts';
import { type Invocation, parseOptions, textOption } from './invocation.ts';
import { removePidFile, writePidFile } from './pid-file.ts';
import { version } from './version.ts';

const options = { config: textOption.optional() };
const graceMs = 10_000;

/** `serve`: the node in the foreground; logs go to standard error, one line to standard output when it listens. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { config: folder } = parseOptions(invocation, options);
  const config = await openConfig(folder);
  const logger = createLogger({ level: config.log.level, uidForLog: uidForLog(config), stream: process.stderr });
  endOnDefects(logger);
  const startedAt = performance.now();
  const node = await startNode({ config, version, logger });
  const durationMs = Math.round(performance.now() - startedAt);
  logger.info('node.started', { calledAeTitle: config.scp.aeTitle, durationMs });
  const { host, aeTitle } = config.scp;
  invocation.print(
    `diffcode-node ${version}: ${aeTitle} listens on ${host}:${node.port}; research use only, not for diagnosis`,
  );
  const onHup = () => void reload(folder, (changed) => node.reload(changed), logger);
  process.on('SIGHUP', onHup);
  await writePidFile(config); // After the line above: `reload` may signal from here on.
  await stopAsked(invocation.signal);
  process.off('SIGHUP', onHup);
  logger.info('node.stopping', { reason: 'signal' });
  await node.stop(graceMs);
  await removePidFile(config);
  logger.info('node.stopped', { durationMs: Math.round(performance.now() - startedAt) });
  return exitCodes.done;
}

/** Reads all three files, checks all, then swaps rules and destinations; a fault leaves what is in force. */
async function reload(
  folder: string | undefined,
  swap: (config: Config) => Promise<readonly string[]>,
  logger: Logger,
): Promise<void> {
  try {
    const waiting = await swap(await openConfig(folder));
    const rest = waiting.length === 0 ? '' : `; a restart is needed for ${waiting.join(', ')}`;
    logger.info('configuration.changed', { reason: `rules and destinations are in force${rest}` });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.error('configuration.refused', { errorCode: codeOf(error) ?? 'unknown', reason });
  }
}

function stopAsked(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A defect is not caught by a job: it ends the process with a line, and starting again is the recovery. */
function endOnDefects(logger: Logger): void {
  const end = (error: unknown): void => {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    logger.error('node.defect', { errorCode: codeOf(error) ?? 'none', reason });
    process.exit(exitCodeOf(error) === exitCodes.machine ? exitCodes.machine : exitCodes.defect);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function uidForLog({ log }: Config) {
  if (log.uids === 'plain') return plainUid;
  if (log.uidKeyFile === null || !existsSync(log.uidKeyFile)) {
    throw new CliError('CLI_USAGE', 'log.uids is hashed, but log.uidKeyFile names no file with a key');
  }
  return hashedUid(readFileSync(log.uidKeyFile, 'utf8').trim());
}
