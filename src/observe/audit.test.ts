import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAudit } from './audit.ts';
import type { Logger } from './logger.ts';
import { silentLogger } from './logger.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
});
afterEach(() => rm(folder, { recursive: true }));

const rejection = { callingAeTitle: 'STRANGER', calledAeTitle: 'DIFFCODE', peerAddress: '10.0.0.7', reason: 'address' };

test('a rejected caller is written with its time, title, address and reason before the audit is closed', async () => {
  const file = join(folder, 'audit.jsonl');
  const audit = openAudit({ file, logger: silentLogger, now: () => Date.UTC(2026, 0, 1) });

  audit.record('association.rejected', 'STRANGER', rejection);
  await audit.close();

  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    at: '2026-01-01T00:00:00.000Z',
    action: 'association.rejected',
    actor: 'STRANGER',
    ...rejection,
  });
});

test('an audit that is opened again goes on after what is there', async () => {
  const file = join(folder, 'audit.jsonl');

  for (const reason of ['first', 'second']) {
    const audit = openAudit({ file, logger: silentLogger });
    audit.record('node.stopped', 'node', { reason });
    await audit.close();
  }

  expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(2);
});

test('the file is readable by its owner alone', async () => {
  const file = join(folder, 'audit.jsonl');
  await openAudit({ file, logger: silentLogger }).close();

  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('an audit that can’t be written says so in the log, with the number of lost entries, and throws nowhere', async () => {
  const lost: unknown[] = [];
  const logger: Logger = { ...silentLogger, error: (event, fields) => lost.push({ event, ...fields }) };
  const audit = openAudit({ file: join(folder, 'missing', 'audit.jsonl'), logger });

  audit.record('node.stopped', 'node', { reason: 'asked' });
  await audit.close();

  expect(lost).toContainEqual({ event: 'audit.lost', value: expect.any(Number), reason: 'ENOENT' });
});
