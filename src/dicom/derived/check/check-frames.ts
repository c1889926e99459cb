import { type DataSet, elementBytes, findElement } from '../../data-set.ts';
import { readItems, readNumber, readString, readStrings } from '../../element-values.ts';
import { tags } from '../../tags.ts';
import { derivations } from '../codes.ts';
import { derivedTags } from '../derived-tags.ts';
import { hasNewSlope } from '../functional-groups.ts';
import type { InstancePlan } from '../instance-edits.ts';
import { frameRules } from '../rules/frame-rules.ts';
import type { Violation } from './violation.ts';

/** The functional groups of a derived multi-frame object against those of its source. derived-objects.md 3. */
export function frameViolations(plan: InstancePlan, derived: DataSet): readonly Violation[] {
  const { source } = plan;
  const before = readItems(source.dataSet, tags.PerFrameFunctionalGroupsSequence);
  const after = readItems(derived, tags.PerFrameFunctionalGroupsSequence);
  if (after.length !== source.frames) {
    return [{ tag: tags.PerFrameFunctionalGroupsSequence, rule: 'one item per frame' }];
  }
  return [
    ...sharedViolations(plan, derived),
    ...after.flatMap((frame, index) => perFrameViolations(plan, before[index], frame, index)),
  ];
}

function sharedViolations({ source, slopes }: InstancePlan, derived: DataSet): readonly Violation[] {
  const before = readItems(source.dataSet, tags.SharedFunctionalGroupsSequence);
  const after = readItems(derived, tags.SharedFunctionalGroupsSequence);
  const moved = [derivedTags.DerivationImageSequence, ...(hasNewSlope(slopes) ? slopeGroups : [])];
  const shared = after.flatMap((groups, index) => [
    ...keptViolations(before[index], groups),
    ...frameTypeViolations(groups),
    ...moved.filter((tag) => findElement(groups, tag) !== undefined).map((tag) => ({ tag, rule: 'not shared' })),
  ]);
  return before.length === after.length
    ? shared
    : [{ tag: tags.SharedFunctionalGroupsSequence, rule: 'as many items as the source has' }];
}

const slopeGroups = [derivedTags.PixelValueTransformationSequence, derivedTags.RealWorldValueMappingSequence];

function perFrameViolations(
  { source, series, slopes }: InstancePlan,
  before: DataSet | undefined,
  frame: DataSet,
  index: number,
): readonly Violation[] {
  const [derivation] = readItems(frame, derivedTags.DerivationImageSequence);
  const [code] = derivation === undefined ? [] : readItems(derivation, derivedTags.DerivationCodeSequence);
  const [image] = derivation === undefined ? [] : readItems(derivation, derivedTags.SourceImageSequence);
  const named =
    image !== undefined &&
    readString(image, derivedTags.ReferencedSopInstanceUid) === source.sopInstanceUid &&
    readNumber(image, derivedTags.ReferencedFrameNumber) === index + 1;
  const coded =
    code !== undefined && readString(code, derivedTags.CodeValue) === derivations[series.facts.recipe.task].code.value;
  const slope = slopes[index];
  const scaled = slope === undefined || slopeOf(frame) === slope.value;
  return [
    ...keptViolations(before, frame),
    ...frameTypeViolations(frame),
    ...(named && coded ? [] : [{ tag: derivedTags.DerivationImageSequence, rule: 'the frame of the source, coded' }]),
    ...(scaled ? [] : [{ tag: derivedTags.PixelValueTransformationSequence, rule: 'the new slope' }]),
  ];
}

const changed = new Set(frameRules.map(({ tag }) => tag));

/** Groups that no rule names, byte for byte; group lengths go at every level that is rebuilt. */
function keptViolations(before: DataSet | undefined, after: DataSet): readonly Violation[] {
  const kept = (before?.elements ?? []).filter(({ tag }) => !changed.has(tag) && (tag & 0xffff) !== 0);
  const lost = kept.filter((element) => {
    const other = findElement(after, element.tag);
    return before === undefined || other === undefined || !isSame(before, element, after, other);
  });
  const known = new Set(kept.map(({ tag }) => tag));
  const added = after.elements.filter(({ tag }) => !changed.has(tag) && !known.has(tag));
  return [...lost, ...added].map(({ tag }) => ({ tag, rule: 'a kept functional group, byte for byte' }));
}

type ElementOf = DataSet['elements'][number];

/** Bytes can be compared where both are in one encoding; a source that hid its groups as UN is in another. */
function isSame(before: DataSet, element: ElementOf, after: DataSet, other: ElementOf): boolean {
  if (before.encoding.explicit !== after.encoding.explicit) return true;
  return elementBytes(before, element).equals(elementBytes(after, other));
}

const frameTypeSequences = [
  derivedTags.CtImageFrameTypeSequence,
  derivedTags.MrImageFrameTypeSequence,
  derivedTags.PetFrameTypeSequence,
];

function frameTypeViolations(groups: DataSet): readonly Violation[] {
  return frameTypeSequences.flatMap((tag) => {
    const types = readItems(groups, tag).map((item) => readStrings(item, derivedTags.FrameType).slice(0, 2).join('\\'));
    return types.every((type) => type === 'DERIVED\\PRIMARY') ? [] : [{ tag, rule: 'DERIVED, then PRIMARY' }];
  });
}

function slopeOf(frame: DataSet): number | undefined {
  const [transformation] = readItems(frame, derivedTags.PixelValueTransformationSequence);
  return transformation === undefined ? undefined : readNumber(transformation, tags.RescaleSlope);
}
