import type { RestoreRule, Rule } from '../config/schema.ts';
import { compileCel } from './cel.ts';
import { type Condition, compileMatcher } from './match.ts';
import type { Mismatch } from './reason.ts';
import type { Summary } from './summary.ts';

/** A rule of `rules.yaml` that can be asked. */
interface CompiledRule<R extends Rule = Rule> {
  readonly rule: R;
  /** The first of its conditions that does not hold, in the order of the file; `undefined` when it matches. */
  readonly mismatch: (summary: Summary) => Mismatch | undefined;
}

type OnArrival = Extract<Rule, { readonly do: 'forward' }>;

/** Rules by the question that they answer. */
export interface RuleSet {
  /** In order: the first that matches decides the series. */
  readonly series: readonly CompiledRule[];
  /** `when: instance`: all that match forward an object on its arrival. */
  readonly onArrival: readonly CompiledRule<OnArrival>[];
}

/** Makes rules askable. They come from a checked configuration: an expression that can't be parsed throws. */
export function compileRules(rules: readonly Rule[]): RuleSet {
  return {
    series: rules.filter((rule) => !isOnArrival(rule)).map(compileRule),
    onArrival: rules.filter(isOnArrival).map(compileRule),
  };
}

function isOnArrival(rule: Rule): rule is OnArrival {
  return rule.do === 'forward' && rule.when === 'instance';
}

function compileRule<R extends Rule>(rule: R): CompiledRule<R> {
  const conditions: Condition[] = Object.entries(rule.match).map(([keyword, matcher]) =>
    compileMatcher(keyword, matcher),
  );
  if (rule.cel !== undefined) conditions.push(compileCel(rule.cel));
  return { rule, mismatch: (summary) => firstMismatch(conditions, summary) };
}

function firstMismatch(conditions: readonly Condition[], summary: Summary): Mismatch | undefined {
  for (const condition of conditions) {
    const mismatch = condition(summary);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

/** The modality that a task is made for. */
export const modalityOfTask: Readonly<Record<RestoreRule['task'], 'CT' | 'MR' | 'PT'>> = {
  'ct-denoising': 'CT',
  'mri-super-resolution': 'MR',
  'pet-synthesis': 'PT',
};
