import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCodecs } from '../dicom/codecs/codecs.ts';
import { degradeFiles } from '../evaluate/degrade-files.ts';
import { writeComparisons } from './demo-pictures.ts';
import { CliError } from './errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Invocation } from './invocation.ts';

const launcher = fileURLToPath(new URL('../../bin/diffcode-node.cjs', import.meta.url));
const fixtures = fileURLToPath(new URL('../../test/fixtures/demo', import.meta.url));
const patienceMs = 300_000;
const pollMs = 500;

/** `demo`: a whole day in one command, by the same commands that a person would type. */
export async function run({ print, complain, signal }: Invocation): Promise<ExitCode> {
  const folder = await mkdtemp(join(tmpdir(), 'diffcode-demo-'));
  const low = join(folder, 'low-quality');
  print(
    `1. Degrading one short CT, MR and PET series: quarter dose, 4x fewer k-space lines per axis, 1/12 of the counts.`,
  );
  const files = await degradeFiles(fixtures, low, await openCodecs());
  const pacs = { port: await freePort(), config: join(folder, 'pacs') };
  const node = { port: await freePort(), config: join(folder, 'node') };
  await writeConfig(pacs.config, { scp: { aeTitle: 'PACS', port: pacs.port } }, {}, [{ name: 'keep', do: 'exclude' }]);
  await writeConfig(
    node.config,
    nodeSettings(node.port),
    { pacs: { aeTitle: 'PACS', host: '127.0.0.1', port: pacs.port } },
    rules,
  );
  print(`2. Starting a small PACS of our own on port ${pacs.port}, and the node on port ${node.port}.`);
  const children = [start(pacs.config), start(node.config)];
  try {
    await Promise.all(children.map(listening));
    print(`3. Sending ${files.length} images to the node, as a modality would.`);
    const sent = command(['send', `127.0.0.1:${node.port}:DIFFCODE`, low]);
    if (sent.status !== 0) throw new CliError('CLI_DEMO', `sending failed:\n${sent.stdout}${sent.stderr}`);
    print('4. Restoring, checking, forwarding. Originals do not wait for it.');
    const isDone = await waitForLedger(node.config, signal, complain);
    print(`5. What the node's ledger says:\n`);
    print(command(['ledger', '--config', node.config]).stdout);
    const pictures = await writeComparisons({
      reference: fixtures,
      low,
      derived: join(node.config, 'data', 'spool', 'derived'),
      out: folder,
    });
    for (const path of pictures) print(`   reference | low quality | restored: ${path}`);
    print(`\nEverything is in ${folder}. Research use only, not for diagnosis.`);
    return isDone ? exitCodes.done : exitCodes.partly;
  } finally {
    await Promise.all(children.map(stop));
  }
}

function nodeSettings(port: number) {
  return {
    scp: { port },
    assembler: { quietMs: 3000, quietWithCountMs: 1000, quietWithPositionsMs: 1000 },
  };
}

/** The degraded images say DERIVED, which they are: the demonstration's rules allow it, the shipped ones do not. */
const rules = [
  restore('ct', 'CT', 'ct-denoising'),
  restore('mr', 'MR', 'mri-super-resolution'),
  restore('pet', 'PT', 'pet-synthesis'),
  { name: 'everything-else', do: 'forward', originals: ['pacs'] },
];

function restore(name: string, Modality: string, task: string) {
  const to = { originals: ['pacs'], restored: ['pacs'] };
  return { name, match: { Modality }, do: 'restore', task, ...to, accept: ['derived'], applicability: 'warn' };
}

async function writeConfig(
  folder: string,
  settings: object,
  destinations: object,
  ruleList: readonly object[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const node = {
    callers: [{ aeTitle: '*', addresses: ['127.0.0.1/32'] }],
    spool: { folder: './data/spool', highMark: 0.99, lowMark: 0.98 },
    ledger: { file: './data/ledger.db' },
    audit: { file: './data/audit.jsonl' },
    ...settings,
  };
  await writeFile(join(folder, 'node.yaml'), JSON.stringify(node, undefined, 2));
  await writeFile(join(folder, 'destinations.yaml'), JSON.stringify(destinations, undefined, 2));
  await writeFile(join(folder, 'rules.yaml'), JSON.stringify(ruleList, undefined, 2));
}

function start(config: string): ChildProcess {
  return spawn(process.execPath, [launcher, 'serve', '--config', config], { stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Resolves at the one line that `serve` prints. */
async function listening(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new CliError('CLI_DEMO', `the node ended with ${String(code)}: run \`doctor\``);
  });
  if (child.stdout !== null) await Promise.race([once(child.stdout, 'data'), ended]);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function command(words: readonly string[]) {
  return spawnSync(process.execPath, [launcher, ...words], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

interface Sums {
  readonly received: number;
  readonly inProgress: number;
  readonly restored: number;
  readonly due: number;
  readonly acknowledged: number;
}

/** True when everything was decided and taken by the PACS, false when patience ran out. */
async function waitForLedger(config: string, signal: AbortSignal, complain: (line: string) => void): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  let said = '';
  while (Date.now() < deadline && !signal.aborted) {
    const sums: Sums = JSON.parse(command(['ledger', '--json', '--config', config]).stdout);
    const line = `   received ${sums.received}, in progress ${sums.inProgress}, restored ${sums.restored}, delivered ${sums.acknowledged} of ${sums.due}`;
    if (line !== said) complain(line);
    said = line;
    if (sums.received > 0 && sums.inProgress === 0 && sums.due > 0 && sums.acknowledged === sums.due) return true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
