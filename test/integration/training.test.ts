import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Debian's interpreter: the one that sees Debian's python3-torch. */
const python = '/usr/bin/python3';
const timeoutMs = 600_000;

/** Why the training tests cannot run here; `undefined` when they can. */
function missing(): string | undefined {
  const { status, error } = spawnSync(python, ['-c', 'import torch, pytest'], { timeout: 60_000 });
  if (error !== undefined) return `${python} does not start`;
  return status === 0 ? undefined : 'python3-torch or python3-pytest is not installed';
}

test('the trainer passes its own tests on graphs exported from this source', { timeout: timeoutMs }, ({ skip }) => {
  const reason = missing();
  if (reason !== undefined) {
    console.warn(`training tests skipped: ${reason}`);
    skip(reason);
  }

  const args = ['-m', 'pytest', '-q', '-x', '-p', 'no:cacheprovider', 'training/tests'];
  const { status, stdout } = spawnSync(python, args, { encoding: 'utf8', timeout: timeoutMs });

  expect(status, stdout).toBe(0);
});
