import type { Config } from './config/schema.ts';
import { widenedLimits } from './config/widened-limits.ts';
import type { Ledger } from './ledger/ledger.ts';
import { tasks } from './model/tasks.ts';
import type { Audit } from './observe/audit.ts';

/** What the audit says at each start: version, configuration, changed weights, limits wider than by default. */
export async function auditStart(
  audit: Audit,
  ledger: Pick<Ledger, 'setting' | 'setSetting'>,
  config: Config,
  facts: { readonly version: string; readonly weightsDigest: string },
): Promise<void> {
  const { version, weightsDigest } = facts;
  audit.record('node.started', 'node', { version, configurationDigest: config.digest });
  const before = await ledger.setting('weights.digest');
  if (before !== undefined && before !== weightsDigest) {
    audit.record('weights.changed', 'node', { from: before, to: weightsDigest });
  }
  if (before !== weightsDigest) await ledger.setSetting('weights.digest', weightsDigest);
  for (const task of tasks) {
    for (const { key, value, byDefault } of widenedLimits(task, config.gate)) {
      audit.record('gate.widened', 'node', { key: `gate.${task}.${key}`, value, default: byDefault });
    }
  }
}
