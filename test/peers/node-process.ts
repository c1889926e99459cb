import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LedgerSums } from '../../src/ledger/sums.ts';

const launcher = fileURLToPath(new URL('../../bin/diffcode-node.cjs', import.meta.url));

/** Runs one command of ours to its end. */
export function runCli(words: readonly string[], options: { readonly timeoutMs?: number } = {}) {
  const { timeoutMs = 110_000 } = options;
  return spawnSync(process.execPath, [launcher, ...words], {
    encoding: 'utf8',
    timeout: timeoutMs,
    maxBuffer: 1 << 28,
  });
}

/** A port that was free a moment ago, on loopback. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface NodeSettings {
  readonly node?: Readonly<Record<string, unknown>>;
  readonly destinations: Readonly<Record<string, unknown>>;
  readonly rules: readonly unknown[];
}

/** Writes the three files as JSON, which is YAML; short quiet times, so that a test waits for work and not for clocks. */
export function writeConfig(folder: string, port: number, settings: NodeSettings): string {
  const config = join(folder, 'config');
  mkdirSync(config, { recursive: true });
  const node = {
    scp: { port, host: '127.0.0.1' },
    callers: [{ aeTitle: '*', addresses: ['127.0.0.1/32'] }],
    spool: { folder: join(folder, 'spool'), highMark: 0.999, lowMark: 0.998 },
    ledger: { file: join(folder, 'ledger.db') },
    audit: { file: join(folder, 'audit.jsonl') },
    assembler: { quietMs: 2000, quietWithCountMs: 500, quietWithPositionsMs: 1000 },
    sender: { backoffFirstMs: 200, backoffMaxMs: 1000, rejectedRetryMs: 500 },
    ...settings.node,
  };
  writeFileSync(join(config, 'node.yaml'), JSON.stringify(node, undefined, 2));
  writeFileSync(join(config, 'destinations.yaml'), JSON.stringify(settings.destinations, undefined, 2));
  writeFileSync(join(config, 'rules.yaml'), JSON.stringify(settings.rules, undefined, 2));
  return config;
}

/** A node of ours in a process of its own, in the foreground of its own session, as an administrator runs it. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  /** Everything that it wrote to standard error: the log. */
  log = '';
  output = '';

  private constructor(config: string) {
    this.#child = spawn(process.execPath, [launcher, 'serve', '--config', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.#exit = new Promise((resolve) => this.#child.once('exit', resolve));
  }

  /** Resolves when it says that it listens. */
  static async start(config: string): Promise<NodeProcess> {
    const node = new NodeProcess(config);
    await waitFor(() => node.output.includes('\n') || node.#child.exitCode !== null, 30_000, 'the node to listen');
    if (node.#child.exitCode !== null) throw new Error(`the node ended with ${node.#child.exitCode}: ${node.log}`);
    return node;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** SIGTERM; resolves to the exit code. */
  async stop(): Promise<number | null> {
    if (this.running) process.kill(this.pid, 'SIGTERM');
    return this.#exit;
  }

  /** SIGKILL to the node and everything that it started. */
  async kill(): Promise<void> {
    if (this.running) process.kill(-this.pid, 'SIGKILL');
    await this.#exit;
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }
}

export type Sums = LedgerSums & Readonly<Record<string, unknown>>;

/** The ledger as its command prints it, beside a running node or after its death. */
export function readLedger(config: string): Sums {
  const { stdout, stderr, status } = runCli(['ledger', '--json', '--config', config]);
  if (status !== 0) throw new Error(`ledger ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Sums;
}

/** Resolves when the ledger looks as asked; fails with its last state. */
export async function waitForLedger(config: string, accept: (sums: Sums) => boolean, timeoutMs: number): Promise<Sums> {
  let last: Sums | undefined;
  await waitFor(
    () => {
      last = readLedger(config);
      return accept(last);
    },
    timeoutMs,
    () => `the ledger; last ${JSON.stringify(last)}`,
  );
  if (last === undefined) throw new Error('the ledger was never read');
  return last;
}

/** Polls a condition; nothing else in the tests sleeps. */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  what: string | (() => string),
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`waited ${timeoutMs} ms for ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
