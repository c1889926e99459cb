import { type DataSet, findElement } from '../../data-set.ts';
import { readString } from '../../element-values.ts';
import type { ElementRule, ObjectFamily, Treatment } from './element-rule.ts';
import { droppedOverlayTags } from './overlays.ts';
import { droppedPrivateTags } from './private-elements.ts';
import { rootRules } from './root-rules.ts';

/** What becomes of one element of one source, once all conditions are known. */
export type Outcome = 'keep' | 'set' | 'append' | 'drop';

export interface TreatmentFacts {
  readonly family: ObjectFamily;
  /** A PET slope of this instance was recomputed. */
  readonly newSlope: boolean;
}

/** The rules of derived-objects.md 2 and 3 for the root of one source. */
export function rootOutcomes(source: DataSet, facts: TreatmentFacts): (tag: number) => Outcome {
  const byContent = new Set([...droppedPrivateTags(source), ...droppedOverlayTags(source)]);
  return (tag) => (byContent.has(tag) ? 'drop' : resolve[rootTreatment(tag, facts.family)](source, tag, facts));
}

/** Tags that every derived object of a family has, whatever its source. */
export function alwaysSetTags(family: ObjectFamily): readonly number[] {
  return rootRules
    .filter(({ treatment }) => treatment[family] === 'set' || treatment[family] === 'append')
    .map(({ tag }) => tag);
}

function rootTreatment(tag: number, family: ObjectFamily): Treatment {
  return rootRules.find((rule) => matches(rule, tag))?.treatment[family] ?? 'keep';
}

function matches(rule: ElementRule, tag: number): boolean {
  return (tag & rule.mask) >>> 0 === rule.tag;
}

type Resolve = (source: DataSet, tag: number, facts: TreatmentFacts) => Outcome;

const resolve: Readonly<Record<Treatment, Resolve>> = {
  keep: () => 'keep',
  set: () => 'set',
  append: () => 'append',
  drop: () => 'drop',
  'by content': () => 'keep',
  recompute: (source, tag) => (findElement(source, tag) === undefined ? 'keep' : 'set'),
  'keep if YES': (source, tag) => (readString(source, tag) === 'YES' ? 'keep' : 'drop'),
  'set with a new slope': (_source, _tag, { newSlope }) => (newSlope ? 'set' : 'keep'),
  'drop with a new slope': (_source, _tag, { newSlope }) => (newSlope ? 'drop' : 'keep'),
};
