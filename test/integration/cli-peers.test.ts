import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, writeConfig } from '../peers/node-process.ts';
import { Receiver } from '../peers/receiver.ts';

const folder = mkdtempSync(join(tmpdir(), 'diffcode-cli-'));
const demo = fileURLToPath(new URL('../fixtures/demo/CT', import.meta.url));
const launcher = fileURLToPath(new URL('../../bin/diffcode-node.cjs', import.meta.url));
let receiver: Receiver;
let config: string;

const at = (port: number) => ({ aeTitle: 'DIFFCODE', host: '127.0.0.1', port });

beforeAll(async () => {
  receiver = await Receiver.start();
  config = writeConfig(folder, 104, {
    destinations: { here: at(receiver.server.port), away: at(await freePort()) },
    rules: [{ name: 'rest', do: 'forward', originals: ['here'] }],
  });
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A command beside a peer that lives in this process: it must not be waited for in one piece. */
function runBeside(...words: string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, ...words, '--config', config], (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

test('echo ends with 0 when a destination answers, by name or by address, and with 4 when it is away', async () => {
  const named = await runBeside('echo', 'here');
  const address = await runBeside('echo', `127.0.0.1:${receiver.server.port}:DIFFCODE`, '--json');
  const away = await runBeside('echo', 'away');

  expect(named).toMatchObject({ status: 0, stdout: expect.stringContaining('answers') });
  expect(address.status).toBe(0);
  expect(JSON.parse(address.stdout)).toMatchObject({ isAnswered: true, calledAeTitle: 'DIFFCODE' });
  expect(away).toMatchObject({ status: 4, stdout: expect.stringContaining('SENDER_UNREACHABLE') });
});

test('echo names the destinations that there are when it is asked for another', async () => {
  const { status, stderr } = await runBeside('echo', 'elsewhere');

  expect(status).toBe(2);
  expect(stderr).toContain('known: here, away');
});

test('send ends with 0 when every file was acknowledged', async () => {
  const { status, stdout } = await runBeside('send', 'here', demo, '--json');
  const { received } = await receiver.ledger.sums();

  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    files: Array.from({ length: 3 }, () => ({ outcome: 'acknowledged', dimseStatus: 0, isAcknowledged: true })),
  });
  expect(received).toBe(3);
});

test('send ends with 4 and an outcome for every file when the destination is away', async () => {
  const { status, stdout } = await runBeside('send', 'away', demo);

  expect(status).toBe(4);
  expect(stdout).toContain('0 of 3 files acknowledged');
  expect(stdout.match(/^(unreachable|not-tried) /gm)).toHaveLength(3);
});
