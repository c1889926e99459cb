import { type DataSet, findElement } from '../data-set.ts';
import type { Edit, Item } from '../element-splicer.ts';
import { readItems, readStrings } from '../element-values.ts';
import { tags } from '../tags.ts';
import type { DerivedSeries } from './derived-series.ts';
import { derivedTags } from './derived-tags.ts';
import { derivedFrameType } from './image-type.ts';
import { codeStrings, textEdit } from './new-items.ts';
import type { Slope } from './pet-slope.ts';
import { derivationCodeEdit, sourceFrameEdit } from './references.ts';
import { notDerivable, type SourceInstance } from './source.ts';
import { derivationDescription } from './text.ts';

/** New slopes by frame; `undefined` keeps the source's. Empty: none was recomputed. */
export type FrameSlopes = readonly (Slope | undefined)[];

/**
 * Shared and per-frame functional groups of a derived multi-frame object: Frame Type, Derivation Image per frame, PET
 * slopes; every other group keeps its bytes. derived-objects.md 3.
 * @throws DicomError DICOM_NOT_DERIVABLE
 */
export function functionalGroupEdits(
  source: SourceInstance,
  series: DerivedSeries,
  slopes: FrameSlopes,
): readonly Edit[] {
  const shared = readItems(source.dataSet, tags.SharedFunctionalGroupsSequence);
  const frames = readItems(source.dataSet, tags.PerFrameFunctionalGroupsSequence);
  if (frames.length !== source.frames) throw notDerivable('one per-frame item for each frame');
  const newSlope = hasNewSlope(slopes);
  const perFrame = frames.map((frame, index) => ({
    base: frame,
    edits: [
      ...groupEdits(frame, newSlope),
      derivationImageEdit(source, series, index + 1),
      ...(newSlope ? frameSlopeEdits(frame, shared[0], slopes[index]) : []),
    ],
  }));
  return [...sharedGroupsEdit(shared, newSlope), { tag: tags.PerFrameFunctionalGroupsSequence, items: perFrame }];
}

/** Whether any slope of the instance was recomputed: value maps of the old slopes go then. */
export function hasNewSlope(slopes: FrameSlopes): boolean {
  return slopes.some((slope) => slope !== undefined);
}

function sharedGroupsEdit(shared: readonly DataSet[], newSlope: boolean): readonly Edit[] {
  if (shared.length === 0) return [];
  const moved = [
    derivedTags.DerivationImageSequence,
    ...(newSlope ? [derivedTags.PixelValueTransformationSequence] : []),
  ];
  const items = shared.map((base) => ({
    base,
    edits: [...groupEdits(base, newSlope), ...moved.map((tag) => ({ tag, remove: true }) as const)],
  }));
  return [{ tag: tags.SharedFunctionalGroupsSequence, items }];
}

/** What changes alike in shared and per-frame groups. */
function groupEdits(groups: DataSet, newSlope: boolean): readonly Edit[] {
  return [
    ...frameTypeEdits(groups),
    ...groups.elements.filter(({ tag }) => (tag & 0xffff) === 0).map(({ tag }) => ({ tag, remove: true }) as const),
    ...(newSlope ? [{ tag: derivedTags.RealWorldValueMappingSequence, remove: true } as const] : []),
  ];
}

const frameTypeSequences = [
  derivedTags.CtImageFrameTypeSequence,
  derivedTags.MrImageFrameTypeSequence,
  derivedTags.PetFrameTypeSequence,
];

function frameTypeEdits(groups: DataSet): readonly Edit[] {
  const present = frameTypeSequences.filter((tag) => findElement(groups, tag) !== undefined);
  return present.map((tag) => ({ tag, items: readItems(groups, tag).map(derivedFrameTypeItem) }));
}

function derivedFrameTypeItem(base: DataSet): Item {
  const type = derivedFrameType(readStrings(base, derivedTags.FrameType));
  return { base, edits: [{ tag: derivedTags.FrameType, vr: 'CS', value: codeStrings(type) }] };
}

/** Derivation Image (0008,9124) of one frame, in the place of any that the source has. PS3.3 C.7.6.16.2.6. */
function derivationImageEdit(source: SourceInstance, { facts }: DerivedSeries, frameNumber: number): Edit {
  const edits: readonly Edit[] = [
    { tag: derivedTags.DerivationDescription, vr: 'ST', value: derivationDescription(facts, undefined) },
    derivationCodeEdit(facts.recipe.task),
    sourceFrameEdit(source, frameNumber),
  ];
  return { tag: derivedTags.DerivationImageSequence, items: [{ edits }] };
}

/** Pixel Value Transformation of a frame: its own, or the shared one, which then stands in every frame. */
function frameSlopeEdits(frame: DataSet, shared: DataSet | undefined, slope: Slope | undefined): readonly Edit[] {
  const tag = derivedTags.PixelValueTransformationSequence;
  const own = readItems(frame, tag)[0];
  if (own !== undefined && slope === undefined) return [];
  const base = own ?? (shared === undefined ? undefined : readItems(shared, tag)[0]);
  if (base === undefined) throw notDerivable('a Pixel Value Transformation for the new slope');
  const edits = slope === undefined ? [] : [textEdit(tags.RescaleSlope, 'DS', slope.text)];
  return [{ tag, items: [{ base, edits }] }];
}
