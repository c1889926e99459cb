import type { Edit } from '../element-splicer.ts';
import { purposes } from './codes.ts';
import type { DerivedSeries } from './derived-series.ts';
import { derivedTags } from './derived-tags.ts';
import { utcDateTime } from './moment.ts';
import { appendItem, purposeEdit, textEdit } from './new-items.ts';
import type { SourceInstance } from './source.ts';
import { deriveUid } from './uid.ts';

/** Manufacturer's Model Name of our Contributing Equipment item: one of the own-output tests (derived-objects.md 4). */
export const ownModelName = 'diffcode-node';
const ownManufacturer = 'diffcode-node project';

/**
 * Contributing Equipment Sequence (0018,A001): what the source has, then the node as Processing Equipment. It names
 * the weights by a Device UID and holds every digest that makes the result reproducible. derived-objects.md 2.5.
 */
export function contributingEquipmentEdit(source: SourceInstance, series: DerivedSeries, pixelDigest: string): Edit {
  const { facts } = series;
  const { weights } = facts.recipe;
  const versions = [facts.nodeVersion, `${facts.preset}-${weights.slice(0, 12)}`];
  const edits: readonly Edit[] = [
    purposeEdit(purposes.processingEquipment),
    textEdit(derivedTags.Manufacturer, 'LO', ownManufacturer),
    textEdit(derivedTags.ManufacturerModelName, 'LO', ownModelName),
    textEdit(derivedTags.DeviceSerialNumber, 'LO', facts.installationId),
    textEdit(derivedTags.SoftwareVersions, 'LO', versions),
    textEdit(derivedTags.DeviceUid, 'UI', deriveUid('model', weights)),
    textEdit(derivedTags.ContributionDateTime, 'DT', utcDateTime(facts.claimedAt)),
    textEdit(derivedTags.ContributionDescription, 'ST', contributionDescription(series, pixelDigest)),
    ...optionalText(derivedTags.StationName, 'SH', facts.stationName),
    ...optionalText(derivedTags.InstitutionName, 'LO', facts.institutionName),
  ];
  return appendItem(source.dataSet, derivedTags.ContributingEquipmentSequence, { edits });
}

function contributionDescription({ recipeDigest, facts }: DerivedSeries, pixelDigest: string): string {
  const { settings, weights } = facts.recipe;
  const digests = { recipe: recipeDigest, settings, weights, 'source-pixels': pixelDigest, executor: facts.executor };
  return Object.entries(digests)
    .map(([key, value]) => `${key}=${value}`)
    .join('; ');
}

function optionalText(tag: number, vr: string, text: string | undefined): readonly Edit[] {
  return text === undefined || text === '' ? [] : [textEdit(tag, vr, text)];
}
