import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Config } from '../config/schema.ts';

/** The file beside the ledger's that says which process is the node. */
function pidFileOf({ ledger }: Pick<Config, 'ledger'>): string {
  return `${ledger.file}.pid`;
}

/** Says that this process is the node on its ledger. */
export async function writePidFile(config: Pick<Config, 'ledger'>): Promise<void> {
  await writeFile(pidFileOf(config), `${process.pid}\n`);
}

/** Takes the word back, unless another node has written it meanwhile. */
export async function removePidFile(config: Pick<Config, 'ledger'>): Promise<void> {
  if ((await readPid(config)) === process.pid) await rm(pidFileOf(config), { force: true });
}

/**
 * The process id of the node that runs on this ledger; `undefined` when none does. A file that a killed node left is
 * not believed: its number may be another program's by now, and a signal would end that.
 */
export async function runningNode(config: Pick<Config, 'ledger'>): Promise<number | undefined> {
  const pid = await readPid(config);
  if (pid === undefined || !isAlive(pid)) return undefined;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  const words = commandLine?.split('\0');
  const isNode =
    words === undefined || (words.includes('serve') && words.some((word) => word.includes('diffcode-node')));
  return isNode ? pid : undefined;
}

async function readPid(config: Pick<Config, 'ledger'>): Promise<number | undefined> {
  const text = await readFile(pidFileOf(config), 'utf8').catch(() => '');
  const pid = Number(text.trim());
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
