import { destinationNameOf, digestOf, type NewJob, type SeriesVerdict } from '../ledger/ledger.ts';
import { type Decision, decide } from '../router/decide.ts';
import { findingForLog, reasonForLog } from '../router/reason.ts';
import type { RuleSet } from '../router/rules.ts';
import type { SeriesSummary } from '../router/summary.ts';

/** What the model of this node can do; a job names its weights by digest. */
export interface WeightsInForce {
  readonly digest: string;
  readonly tasks: readonly string[];
  /** Digest of the settings that reach the pixels. */
  readonly settingsDigest: string;
}

export interface VerdictRequest {
  readonly summary: SeriesSummary;
  readonly rules: RuleSet;
  readonly weights: WeightsInForce;
  readonly completedBy: string;
  readonly decidedAt: number;
}

const stateOf = {
  restore: 'decided',
  forward: 'forwarded',
  exclude: 'excluded',
  quarantine: 'quarantined',
} as const satisfies Record<Decision['kind'], SeriesVerdict['state']>;

/** The router's decision in the words of the ledger; a task that the weights lack is refused here. Pure. */
export function verdictOf({ summary, rules, weights, completedBy, decidedAt }: VerdictRequest): SeriesVerdict {
  const decision = decide(summary, rules);
  const lacking = decision.kind === 'restore' && !weights.tasks.includes(decision.settings.task);
  const reasons = decision.reasons.map((reason) => reasonForLog(reason));
  return {
    state: lacking ? 'excluded' : stateOf[decision.kind],
    rule: decision.rule,
    task: decision.kind === 'restore' ? decision.settings.task : null,
    reasons: [...reasons, lacking ? lackingText(decision.settings.task) : outcomeText(decision)],
    completedBy,
    summaryJson: JSON.stringify(summary),
    originals: decision.originals.map(destinationNameOf),
    job: decision.kind === 'restore' && !lacking ? jobOf(decision, weights) : null,
    decidedAt,
  };
}

function lackingText(task: string): string {
  return `the weights in use were not trained for ${task}: name others under model.weights`;
}

/** Why it came out so, in one line. */
function outcomeText(decision: Decision): string {
  switch (decision.kind) {
    case 'restore':
      return `${decision.rule}: restored as ${decision.settings.task}`;
    case 'forward':
      return `${decision.rule}: forwarded only`;
    case 'exclude': {
      const { finding, rule } = decision;
      return finding === undefined ? `${rule}: excluded by rule` : `${rule}: ${findingForLog(finding)}`;
    }
    case 'quarantine':
      return decision.refusal === 'no-rule' ? 'no rule matches: quarantined' : `${decision.rule}: quarantined by rule`;
  }
}

function jobOf(
  { settings }: Extract<Decision, { readonly kind: 'restore' }>,
  { digest, settingsDigest }: WeightsInForce,
): NewJob {
  return {
    task: settings.task,
    weightsDigest: digestOf(digest),
    settingsDigest: digestOf(settingsDigest),
    priority: settings.priority,
    window: settings.window ?? null,
    restored: settings.restored.map(destinationNameOf),
    settingsJson: JSON.stringify({ applicability: settings.applicability, accept: settings.accept }),
  };
}
