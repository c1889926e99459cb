import { type DataSet, type Element, elementBytes, findElement, valueBytes } from '../../data-set.ts';
import { readItems } from '../../element-values.ts';
import { hasNewSlope } from '../functional-groups.ts';
import type { InstancePlan } from '../instance-edits.ts';
import { alwaysSetTags, type Outcome, rootOutcomes } from '../rules/treatments.ts';
import type { Violation } from './violation.ts';

/** Set, present, absent, equal to the source: the root of a derived data set against its source, tag by tag. */
export function elementViolations(plan: InstancePlan, derived: DataSet): readonly Violation[] {
  const source = plan.source.dataSet;
  const facts = { family: plan.source.family, newSlope: hasNewSlope(plan.slopes) };
  const outcomeOf = rootOutcomes(source, facts);
  const inSource = groupByTag(source);
  const inDerived = groupByTag(derived);
  const every = new Set([...inSource.keys(), ...inDerived.keys(), ...alwaysSetTags(facts.family)]);
  const broken = [...every].flatMap((tag) => {
    const pair = { source: inSource.get(tag) ?? [], derived: inDerived.get(tag) ?? [] };
    const rule = tests[outcomeOf(tag)](pair, source, derived, tag);
    return rule === undefined ? [] : [{ tag, rule }];
  });
  return [...broken, ...orderViolations(source, derived)];
}

interface Pair {
  readonly source: readonly Element[];
  readonly derived: readonly Element[];
}

type Test = (pair: Pair, source: DataSet, derived: DataSet, tag: number) => string | undefined;

/** Each says the rule that is broken, if it is. */
const tests: Readonly<Record<Outcome, Test>> = {
  keep: (pair, source, derived) =>
    sameElements(pair, source, derived) ? undefined : 'kept byte for byte, never added or lost',
  drop: (pair) => (pair.derived.length === 0 ? undefined : 'absent'),
  set: (pair) => (pair.derived.length === 1 ? undefined : 'present exactly once'),
  append: (pair, source, derived, tag) => {
    if (pair.derived.length !== 1) return 'present exactly once';
    return hasOneMore(source, derived, tag) ? undefined : "the source's items byte for byte, then one";
  },
};

function groupByTag(dataSet: DataSet): ReadonlyMap<number, readonly Element[]> {
  const groups = new Map<number, Element[]>();
  for (const element of dataSet.elements) groups.set(element.tag, [...(groups.get(element.tag) ?? []), element]);
  return groups;
}

function sameElements(pair: Pair, source: DataSet, derived: DataSet): boolean {
  if (pair.source.length !== pair.derived.length) return false;
  return pair.source.every((element, index) => {
    const other = pair.derived[index];
    return other !== undefined && elementBytes(source, element).equals(elementBytes(derived, other));
  });
}

function hasOneMore(source: DataSet, derived: DataSet, tag: number): boolean {
  const before = readItems(source, tag);
  const after = readItems(derived, tag);
  if (after.length !== before.length + 1) return false;
  const element = findElement(source, tag);
  if (element?.vr !== 'SQ') return true;
  const now = findElement(derived, tag);
  const kept = valueBytes(source, element);
  return now !== undefined && valueBytes(derived, now).subarray(0, kept.length).equals(kept);
}

function orderViolations(source: DataSet, derived: DataSet): readonly Violation[] {
  return derived.unsorted && !source.unsorted ? [{ tag: 0, rule: 'ascending tags' }] : [];
}
