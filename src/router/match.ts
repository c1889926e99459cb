import type { Matcher } from '../config/schema.ts';
import type { Mismatch } from './reason.ts';
import { type Summary, type SummaryValue, summaryValue } from './summary.ts';

/** One condition of a rule: `undefined` when it holds. */
export type Condition = (summary: Summary) => Mismatch | undefined;

/** A test on the values of a keyword that all instances share. */
interface ValueTest {
  readonly wanted: string;
  readonly holds: (values: readonly string[]) => boolean;
}

/** A matcher of `rules.yaml` as a condition. A keyword that varies matches nothing; an absent one only `absent`. */
export function compileMatcher(keyword: string, matcher: Matcher): Condition {
  if (isForm(matcher, 'absent')) return absentCondition(keyword);
  const { wanted, holds } = isForm(matcher, 'not') ? negated(valueTest(matcher.not)) : valueTest(matcher);
  return (summary) => {
    const value = summaryValue(summary, keyword);
    if (typeof value === 'object' && holds(value)) return undefined;
    return { test: keyword, wanted, found: shown(value) };
  };
}

function absentCondition(keyword: string): Condition {
  return (summary) => {
    const value = summaryValue(summary, keyword);
    return value === undefined ? undefined : { test: keyword, wanted: 'absent', found: shown(value) };
  };
}

function shown(value: SummaryValue | undefined): string {
  if (value === undefined) return 'is absent';
  return value === 'varies' ? 'varies within the series' : `is ${value.join('\\')}`;
}

type Scalar = string | number;
type Values = Scalar | readonly Scalar[];
type Form = Exclude<Matcher, Values>;
type Positive = Exclude<Matcher, { readonly not: unknown } | { readonly absent: unknown }>;

function isForm<K extends string>(matcher: Matcher, key: K): matcher is Extract<Form, Record<K, unknown>> {
  return typeof matcher === 'object' && key in matcher;
}

function isValues(matcher: Positive): matcher is Extract<Positive, Values> {
  return typeof matcher !== 'object' || Array.isArray(matcher);
}

function valueTest(matcher: Positive): ValueTest {
  if (isValues(matcher)) return anyOf(matcher);
  if ('has' in matcher) return having(matcher.has);
  return within(matcher.min ?? -Infinity, matcher.max ?? Infinity);
}

function negated({ wanted, holds }: ValueTest): ValueTest {
  return { wanted: `anything but ${wanted}`, holds: (values) => !holds(values) };
}

/** The whole value, as it is joined in the object. */
function anyOf(wanted: Values): ValueTest {
  const choices = listOf(wanted);
  return {
    wanted: choices.join(' or '),
    holds: (values) => choices.some((choice) => equals(values.join('\\'), choice)),
  };
}

/** One of several values. */
function having(wanted: Values): ValueTest {
  const choices = listOf(wanted);
  return {
    wanted: `one that has ${choices.join(' or ')}`,
    holds: (values) => values.some((value) => choices.some((choice) => equals(value, choice))),
  };
}

/** Every value, as a number. */
function within(min: number, max: number): ValueTest {
  const bounds = [min > -Infinity ? `at least ${min}` : '', max < Infinity ? `at most ${max}` : ''];
  return {
    wanted: bounds.filter(Boolean).join(' and '),
    holds: (values) => values.every((value) => value !== '' && Number(value) >= min && Number(value) <= max),
  };
}

/** A number in the rule is compared as a number: 5 is `5.0`. */
function equals(value: string, wanted: Scalar): boolean {
  return typeof wanted === 'number' ? value !== '' && Number(value) === wanted : value === wanted;
}

function listOf(values: Values): readonly Scalar[] {
  return typeof values === 'object' ? values : [values];
}
