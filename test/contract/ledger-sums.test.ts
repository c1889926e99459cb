import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { type Real, steps } from './ledger-commands.ts';
import { LedgerModel } from './ledger-model.ts';
import { ledgers } from './ledgers.ts';

describe.for(ledgers)('the $name ledger', ({ open }) => {
  test('both sums hold after any steps in any order, restarts included', { timeout: 60_000 }, async () => {
    const anySteps = fc.commands(steps, { maxCommands: 50, size: 'max' });

    await fc.assert(
      fc.asyncProperty(anySteps, async (commands) => {
        const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
        const real: Real = {
          ledger: await open(folder),
          async reopen() {
            await real.ledger.close();
            return open(folder);
          },
        };
        try {
          await fc.asyncModelRun(() => ({ model: new LedgerModel(), real }), commands);
        } finally {
          await real.ledger.close();
          await rm(folder, { recursive: true });
        }
      }),
      { seed: 20_260_101, numRuns: 20 },
    );
  });
});
