import { findElement } from '../data-set.ts';
import type { Edit } from '../element-splicer.ts';
import { readString, readStrings } from '../element-values.ts';
import { tags } from '../tags.ts';
import type { SopInstanceUid } from '../uid.ts';
import { type DerivedSeries, textOf } from './derived-series.ts';
import { derivedTags } from './derived-tags.ts';
import { contributingEquipmentEdit } from './equipment.ts';
import { type FrameSlopes, functionalGroupEdits, hasNewSlope } from './functional-groups.ts';
import { derivedImageType } from './image-type.ts';
import { isUtcOffset, momentIn } from './moment.ts';
import { codeStrings, textEdit } from './new-items.ts';
import { pixelEdits, type StoredValues } from './pixel-elements.ts';
import {
  codingSchemeEdit,
  derivationCodeEdit,
  relatedSeriesEdit,
  sourceEvidenceEdit,
  sourceImageEdit,
} from './references.ts';
import { rootOutcomes } from './rules/treatments.ts';
import type { SourceInstance } from './source.ts';
import { derivationDescription, imageComments } from './text.ts';
import { deriveUid } from './uid.ts';

/** One instance to derive: its source, its series and its new pixels. */
export interface InstancePlan {
  readonly source: SourceInstance;
  readonly series: DerivedSeries;
  readonly sopInstanceUid: SopInstanceUid;
  readonly stored: StoredValues;
  readonly pixelDigest: string;
  readonly slopes: FrameSlopes;
}

/** Every change that makes the derived data set from its source. derived-objects.md 2 and 3. */
export function instanceEdits(plan: InstancePlan): readonly Edit[] {
  const { source, series } = plan;
  return [
    ...removals(plan),
    ...identityEdits(plan),
    ...creationEdits(plan),
    relatedSeriesEdit(source),
    codingSchemeEdit(source),
    contributingEquipmentEdit(source, series, plan.pixelDigest),
    ...pixelEdits(source, plan.stored),
    ...(source.family === 'classic' ? classicEdits(plan) : multiFrameEdits(plan)),
  ];
}

function removals({ source, slopes }: InstancePlan): readonly Edit[] {
  const outcomeOf = rootOutcomes(source.dataSet, { family: source.family, newSlope: hasNewSlope(slopes) });
  const dropped = source.dataSet.elements.filter(({ tag }) => outcomeOf(tag) === 'drop');
  return dropped.map(({ tag }) => ({ tag, remove: true }));
}

function identityEdits({ source, series, sopInstanceUid }: InstancePlan): readonly Edit[] {
  const { dataSet, sopClass } = source;
  const { facts } = series;
  const imageType = derivedImageType(sopClass.modality, sopClass.family, readStrings(dataSet, tags.ImageType));
  const comments = imageComments(facts.recipe.task, facts.supersedes, textOf(dataSet, derivedTags.ImageComments));
  return [
    { tag: tags.ImageType, vr: 'CS', value: codeStrings(imageType) },
    textEdit(tags.SopInstanceUid, 'UI', sopInstanceUid),
    textEdit(tags.SeriesInstanceUid, 'UI', series.seriesInstanceUid),
    textEdit(tags.SeriesNumber, 'IS', String(series.seriesNumber)),
    { tag: tags.SeriesDescription, vr: 'LO', value: series.seriesDescription },
    { tag: derivedTags.ImageComments, vr: 'LT', value: comments },
  ];
}

/** Instance Creation: the moment the UID was assigned, in the zone of the source's other times (8.2). */
function creationEdits({ source, series }: InstancePlan): readonly Edit[] {
  const { claimedAt, timezone, installationId } = series.facts;
  const stated = readString(source.dataSet, derivedTags.TimezoneOffsetFromUtc);
  const moment = momentIn(claimedAt, stated !== undefined && isUtcOffset(stated) ? stated : timezone);
  return [
    textEdit(tags.InstanceCreationDate, 'DA', moment.date),
    textEdit(tags.InstanceCreationTime, 'TM', moment.time),
    textEdit(derivedTags.InstanceCreatorUid, 'UI', deriveUid('device', installationId)),
  ];
}

function classicEdits({ source, series, slopes }: InstancePlan): readonly Edit[] {
  const { facts } = series;
  const ownText = textOf(source.dataSet, derivedTags.DerivationDescription);
  const slope = slopes[0];
  return [
    { tag: derivedTags.DerivationDescription, vr: 'ST', value: derivationDescription(facts, ownText) },
    derivationCodeEdit(facts.recipe.task),
    sourceImageEdit(source),
    ...(slope === undefined ? [] : [textEdit(tags.RescaleSlope, 'DS', slope.text)]),
  ];
}

function multiFrameEdits({ source, series, slopes }: InstancePlan): readonly Edit[] {
  return [
    textEdit(derivedTags.ContentQualification, 'CS', 'RESEARCH'),
    sourceEvidenceEdit(source),
    ...concatenationEdits(source, series),
    ...functionalGroupEdits(source, series, slopes),
  ];
}

/** The parts of a concatenation stay parts of one: their common UIDs are derived alike (derived-objects.md 3.4). */
function concatenationEdits({ dataSet }: SourceInstance, { recipeDigest }: DerivedSeries): readonly Edit[] {
  const common = [derivedTags.ConcatenationUid, derivedTags.SopInstanceUidOfConcatenationSource];
  return common
    .filter((tag) => findElement(dataSet, tag) !== undefined)
    .map((tag) => textEdit(tag, 'UI', deriveUid('concatenation', readString(dataSet, tag) ?? '', recipeDigest)));
}
