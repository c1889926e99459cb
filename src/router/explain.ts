import type { Decision, Forwarding } from './decide.ts';
import { reasonText } from './reason.ts';
import { evidenceText, type Finding } from './refusals/finding.ts';
import { isAcceptable } from './refusals/table.ts';
import { type SeriesSummary, summaryValue } from './summary.ts';

export interface Explained {
  readonly seriesInstanceUid: string;
  readonly summary: SeriesSummary;
  readonly decision: Decision;
  /** Rules that forwarded its objects on arrival. */
  readonly onArrival: readonly Forwarding[];
}

/** One series as `rules test` prints it: the decision, what decided, and why every rule before it did not. */
export function explainSeries({ seriesInstanceUid, summary, decision, onArrival }: Explained): string {
  const modality = summaryValue(summary, 'Modality');
  const kind = typeof modality === 'object' ? modality.join('\\') : 'modality varies or is absent';
  const lines = [
    `series ${seriesInstanceUid} (${kind}, ${summary.instances} ${summary.instances === 1 ? 'instance' : 'instances'})`,
    `  ${outcome(decision)}`,
    ...details(decision).map((line) => `    ${line}`),
    ...onArrival.map(({ rule, originals }) => `  on arrival, by rule ${rule}: to ${listed(originals)}`),
    ...decision.reasons.map((reason) => `  not ${reasonText(reason)}`),
  ];
  return lines.join('\n');
}

function outcome(decision: Decision): string {
  const by = decision.rule === 'none' ? 'no rule matches' : `rule ${decision.rule}`;
  const originals = decision.originals.length === 0 ? 'nothing is sent' : `originals to ${listed(decision.originals)}`;
  switch (decision.kind) {
    case 'restore': {
      const { task, restored, window } = decision.settings;
      const when = window === undefined ? '' : ` in window ${window}`;
      return `restored by ${task}${when} (${by}): restored to ${listed(restored)}, ${originals}`;
    }
    case 'forward':
      return `forwarded (${by}): ${originals}`;
    case 'exclude':
      return `excluded${decision.finding ? ` as ${decision.finding.reason}` : ''} (${by}): ${originals}`;
    case 'quarantine':
      return `quarantined (${by}): nothing is sent`;
  }
}

function details(decision: Decision): readonly string[] {
  if (decision.kind === 'restore') return decision.accepted.map((finding) => `accepted ${findingText(finding)}`);
  if (decision.kind !== 'exclude' || decision.finding === undefined) return [];
  const { reason } = decision.finding;
  const advice = isAcceptable(reason) ? [`a rule that says accept: [${reason}] would restore it`] : [];
  return [findingText(decision.finding), ...advice];
}

function findingText(finding: Finding): string {
  return `${finding.reason}: ${evidenceText(finding)}`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nowhere' : names.join(', ');
}
