import { type DataSet, findElement, valueBytes } from '../../data-set.ts';
import { readItems, readNumber, readString, readStrings } from '../../element-values.ts';
import type { Part10 } from '../../part10.ts';
import { tags } from '../../tags.ts';
import { countCharacters } from '../character-count.ts';
import { codingScheme, derivations, purposes } from '../codes.ts';
import { derivedTags } from '../derived-tags.ts';
import { ownModelName } from '../equipment.ts';
import { ownImageTypeToken } from '../image-type.ts';
import type { InstancePlan } from '../instance-edits.ts';
import { extremesOf } from '../pixel-elements.ts';
import { voxelsOf } from '../source.ts';
import { maxCharacters, notice, seriesMark, withoutPadding } from '../text.ts';
import type { Violation } from './violation.ts';

/** One value that must hold, and the rule it stands for. */
interface ValueRule {
  readonly tag: number;
  readonly rule: string;
  readonly family?: InstancePlan['source']['family'];
  readonly holds: (plan: InstancePlan, derived: DataSet, file: Part10) => boolean;
}

/** The values of set elements, read back from the file. */
export function valueViolations(plan: InstancePlan, file: Part10): readonly Violation[] {
  return valueRules
    .filter(({ family }) => family === undefined || family === plan.source.family)
    .filter(({ holds }) => !holds(plan, file.dataSet, file))
    .map(({ tag, rule }) => ({ tag, rule }));
}

const valueRules: readonly ValueRule[] = [
  {
    tag: tags.SopInstanceUid,
    rule: "the derived UID, not the source's",
    holds: ({ sopInstanceUid, source }, derived) =>
      readString(derived, tags.SopInstanceUid) === sopInstanceUid && sopInstanceUid !== source.sopInstanceUid,
  },
  {
    tag: tags.SeriesInstanceUid,
    rule: "the derived series, not the source's",
    holds: ({ series, source }, derived) =>
      readString(derived, tags.SeriesInstanceUid) === series.seriesInstanceUid &&
      series.seriesInstanceUid !== source.seriesInstanceUid,
  },
  {
    tag: tags.MediaStorageSopInstanceUid,
    rule: 'file meta names the instance, its class and its transfer syntax',
    holds: ({ sopInstanceUid, source }, _derived, { meta }) =>
      readString(meta, tags.MediaStorageSopInstanceUid) === sopInstanceUid &&
      readString(meta, tags.MediaStorageSopClassUid) === source.sopClass.uid &&
      readString(meta, tags.TransferSyntaxUid) === source.derivedSyntaxUid,
  },
  {
    tag: tags.ImageType,
    rule: 'DERIVED, then PRIMARY',
    holds: (_plan, derived) => readStrings(derived, tags.ImageType).slice(0, 2).join('\\') === 'DERIVED\\PRIMARY',
  },
  {
    tag: tags.ImageType,
    rule: 'our token',
    family: 'classic',
    holds: (_plan, derived) => readStrings(derived, tags.ImageType).includes(ownImageTypeToken),
  },
  {
    tag: tags.SeriesNumber,
    rule: "not the source's number",
    holds: ({ source, series }, derived) =>
      readNumber(derived, tags.SeriesNumber) === series.seriesNumber &&
      readNumber(source.dataSet, tags.SeriesNumber) !== series.seriesNumber,
  },
  {
    tag: tags.SeriesDescription,
    rule: 'the mark first, 64 characters at most',
    holds: ({ series, source }, derived) => {
      const text = textBytes(derived, tags.SeriesDescription);
      const mark = seriesMark(series.facts.recipe.task, series.facts.ordinal);
      return startsWith(text, mark) && countCharacters(text, source.characterSets) <= maxCharacters.LO;
    },
  },
  {
    tag: derivedTags.ImageComments,
    rule: 'the notice first, 10240 characters at most',
    holds: ({ series, source }, derived) => {
      const text = textBytes(derived, derivedTags.ImageComments);
      const own = notice(series.facts.recipe.task);
      return startsWith(text, own) && countCharacters(text, source.characterSets) <= maxCharacters.LT;
    },
  },
  {
    tag: derivedTags.DerivationDescription,
    rule: 'says what was done, 1024 characters at most',
    family: 'classic',
    holds: ({ series, source }, derived) => {
      const text = textBytes(derived, derivedTags.DerivationDescription);
      const own = `AI restoration DiffCode: ${series.facts.recipe.task}. Research use only, not for diagnosis.`;
      return startsWith(text, own) && countCharacters(text, source.characterSets) <= maxCharacters.ST;
    },
  },
  {
    tag: derivedTags.SourceImageSequence,
    rule: 'one item: the source instance',
    family: 'classic',
    holds: ({ source }, derived) => {
      const items = readItems(derived, derivedTags.SourceImageSequence);
      return (
        items.length === 1 &&
        items.every(
          (item) =>
            readString(item, derivedTags.ReferencedSopInstanceUid) === source.sopInstanceUid &&
            readString(item, derivedTags.ReferencedSopClassUid) === source.sopClass.uid &&
            readString(item, derivedTags.SpatialLocationsPreserved) === 'YES' &&
            purposeOf(item) === purposes.sourceImage.value,
        )
      );
    },
  },
  {
    tag: derivedTags.DerivationCodeSequence,
    rule: 'the code of the task',
    family: 'classic',
    holds: ({ series }, derived) => {
      const codes = readItems(derived, derivedTags.DerivationCodeSequence);
      const { value, scheme } = derivations[series.facts.recipe.task].code;
      return (
        codes.length === 1 &&
        codes.every(
          (code) =>
            readString(code, derivedTags.CodeValue) === value &&
            readString(code, derivedTags.CodingSchemeDesignator) === scheme,
        )
      );
    },
  },
  {
    tag: derivedTags.RelatedSeriesSequence,
    rule: 'the source series last',
    holds: ({ source }, derived) => {
      const item = readItems(derived, derivedTags.RelatedSeriesSequence).at(-1);
      return (
        item !== undefined &&
        readString(item, tags.SeriesInstanceUid) === source.seriesInstanceUid &&
        readString(item, tags.StudyInstanceUid) === source.studyInstanceUid &&
        purposeOf(item) === purposes.sourceSeries.value
      );
    },
  },
  {
    tag: derivedTags.CodingSchemeIdentificationSequence,
    rule: 'our coding scheme last',
    holds: (_plan, derived) => {
      const item = readItems(derived, derivedTags.CodingSchemeIdentificationSequence).at(-1);
      return item !== undefined && readString(item, derivedTags.CodingSchemeDesignator) === codingScheme.designator;
    },
  },
  {
    tag: derivedTags.ContributingEquipmentSequence,
    rule: 'the node last, as processing equipment',
    holds: (_plan, derived) => {
      const item = readItems(derived, derivedTags.ContributingEquipmentSequence).at(-1);
      return (
        item !== undefined &&
        readString(item, derivedTags.ManufacturerModelName) === ownModelName &&
        purposeOf(item) === purposes.processingEquipment.value
      );
    },
  },
  {
    tag: derivedTags.ContentQualification,
    rule: 'RESEARCH',
    family: 'multi-frame',
    holds: (_plan, derived) => readString(derived, derivedTags.ContentQualification) === 'RESEARCH',
  },
  {
    tag: derivedTags.SourceImageEvidenceSequence,
    rule: 'the source instance',
    family: 'multi-frame',
    holds: ({ source }, derived) => {
      const study = readItems(derived, derivedTags.SourceImageEvidenceSequence);
      const series = study.flatMap((item) => readItems(item, derivedTags.ReferencedSeriesSequence));
      const instances = series.flatMap((item) => readItems(item, derivedTags.ReferencedSopSequence));
      const named = instances.map((item) => readString(item, derivedTags.ReferencedSopInstanceUid));
      return named.length === 1 && named[0] === source.sopInstanceUid;
    },
  },
  {
    tag: tags.RescaleSlope,
    rule: 'the new slope',
    family: 'classic',
    holds: ({ slopes: [slope] }, derived) =>
      slope === undefined || readNumber(derived, tags.RescaleSlope) === slope.value,
  },
  {
    tag: tags.PixelData,
    rule: 'native words, as many as the source has voxels, the new values',
    holds: ({ source, stored }, derived) => {
      const element = findElement(derived, tags.PixelData);
      if (element === undefined || element.vr !== 'OW' || element.undefinedLength) return false;
      const bytes = valueBytes(derived, element);
      const expected = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
      return bytes.length === voxelsOf(source) * 2 && bytes.equals(expected);
    },
  },
  {
    tag: tags.PixelData,
    rule: 'no bits above High Bit',
    holds: ({ source, stored }) => {
      const { bitsStored, pixelRepresentation } = source;
      const { min, max } = extremesOf(stored);
      const largest = 2 ** (bitsStored - pixelRepresentation) - 1;
      return min >= (pixelRepresentation === 1 ? -largest - 1 : 0) && max <= largest;
    },
  },
];

function textBytes(dataSet: DataSet, tag: number): Buffer {
  const element = findElement(dataSet, tag);
  return element === undefined ? Buffer.alloc(0) : withoutPadding(valueBytes(dataSet, element));
}

function startsWith(bytes: Buffer, text: string): boolean {
  return bytes.subarray(0, text.length).equals(Buffer.from(text, 'latin1'));
}

function purposeOf(item: DataSet): string | undefined {
  const [code] = readItems(item, derivedTags.PurposeOfReferenceCodeSequence);
  return code === undefined ? undefined : readString(code, derivedTags.CodeValue);
}
