import type { RestoreRule, Rule } from '../config/schema.ts';
import type { Reason } from './reason.ts';
import { evidence, type Finding } from './refusals/finding.ts';
import { isAcceptable } from './refusals/table.ts';
import { modalityOfTask, type RuleSet } from './rules.ts';
import { modalityOf } from './summarise.ts';
import type { SeriesSummary, Summary } from './summary.ts';

interface Reasoned {
  /** Name of the rule that decided; `none` when none matched. */
  readonly rule: string;
  /** Why each rule before it did not, in order. */
  readonly reasons: readonly Reason[];
  /** Where the received objects go, whatever becomes of the restoration. */
  readonly originals: readonly string[];
}

/** What becomes of a series, and why. Names of destinations and windows are those of the configuration. */
export type Decision =
  | (Reasoned & {
      readonly kind: 'restore';
      readonly settings: RestoreRule;
      /** Refusals that the rule allows by `accept`. */
      readonly accepted: readonly Finding[];
    })
  | (Reasoned & { readonly kind: 'forward' })
  | (Reasoned & {
      readonly kind: 'exclude';
      /** `undefined` when a rule says `exclude`. */
      readonly finding: Finding | undefined;
    })
  | (Reasoned & { readonly kind: 'quarantine'; readonly refusal: 'no-rule' | 'rule' });

/** The first matching rule decides (architecture.md, Configuration by example). Pure: same summary, same decision. */
export function decide(series: SeriesSummary, { series: rules }: RuleSet): Decision {
  const reasons: Reason[] = [];
  for (const { rule, mismatch } of rules) {
    const why = mismatch(series);
    if (why === undefined) return follow(rule, series, reasons);
    reasons.push({ rule: rule.name, ...why });
  }
  return { kind: 'quarantine', refusal: 'no-rule', rule: 'none', reasons, originals: [] };
}

function follow(rule: Rule, series: SeriesSummary, reasons: readonly Reason[]): Decision {
  const reasoned = { rule: rule.name, reasons };
  switch (rule.do) {
    case 'restore':
      return restore(rule, series, { ...reasoned, originals: rule.originals });
    case 'forward':
      return { kind: 'forward', ...reasoned, originals: rule.originals };
    case 'exclude':
      return { kind: 'exclude', finding: undefined, ...reasoned, originals: rule.originals };
    case 'quarantine':
      return { kind: 'quarantine', refusal: 'rule', ...reasoned, originals: [] };
  }
}

/** Refusals are looked at only here, and a refused series keeps the rule's originals. */
function restore(rule: RestoreRule, series: SeriesSummary, reasoned: Reasoned): Decision {
  const accepts = ({ reason }: Finding): boolean => isAcceptable(reason) && rule.accept.includes(reason);
  const finding = series.findings.find((candidate) => !accepts(candidate)) ?? wrongTask(rule, series);
  if (finding !== undefined) return { kind: 'exclude', finding, ...reasoned };
  return { kind: 'restore', settings: rule, accepted: series.findings.filter(accepts), ...reasoned };
}

/** A rule may match what its task was not made for; the object's class outweighs its Modality. */
function wrongTask({ task }: RestoreRule, series: SeriesSummary): Finding | undefined {
  if (modalityOf(series) === modalityOfTask[task]) return undefined;
  const found = series.values['SOPClassUID'] ?? [];
  const because = `${task} is for ${modalityOfTask[task]} images`;
  return { reason: 'sop-class', ...evidence('SOPClassUID', typeof found === 'string' ? [found] : found, because) };
}

/** One rule that forwards an object on its arrival. */
export interface Forwarding {
  readonly rule: string;
  readonly originals: readonly string[];
}

/** Every `when: instance` rule that matches; they forward besides whatever is decided over the series. */
export function forwardOnArrival(instance: Summary, { onArrival }: RuleSet): readonly Forwarding[] {
  return onArrival
    .filter(({ mismatch }) => mismatch(instance) === undefined)
    .map(({ rule: { name, originals } }) => ({ rule: name, originals }));
}
