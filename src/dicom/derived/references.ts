import type { Edit, Item } from '../element-splicer.ts';
import { tags } from '../tags.ts';
import { codingScheme, derivations, purposes, type Task } from './codes.ts';
import { derivedTags } from './derived-tags.ts';
import { appendItem, codeItem, purposeEdit, textEdit } from './new-items.ts';
import type { SourceInstance } from './source.ts';

/** Source Image Sequence (0008,2112): exactly one item on every instance (derived-objects.md 2.3, 9.20). */
export function sourceImageEdit(source: SourceInstance): Edit {
  return sourceImageSequence([
    ...instanceReference(source),
    textEdit(derivedTags.SpatialLocationsPreserved, 'CS', 'YES'),
  ]);
}

/** The same inside the Derivation Image group of frame `frameNumber`, counted from 1. */
export function sourceFrameEdit(source: SourceInstance, frameNumber: number): Edit {
  const frame = textEdit(derivedTags.ReferencedFrameNumber, 'IS', String(frameNumber));
  return sourceImageSequence([
    ...instanceReference(source),
    frame,
    textEdit(derivedTags.SpatialLocationsPreserved, 'CS', 'YES'),
  ]);
}

/** Derivation Code Sequence (0008,9215) with the code of the task. */
export function derivationCodeEdit(task: Task): Edit {
  return { tag: derivedTags.DerivationCodeSequence, items: [codeItem(derivations[task].code)] };
}

/** Related Series Sequence (0008,1250): what the source has, then the source series. PS3.3 C.7.3.1, CID 7210. */
export function relatedSeriesEdit(source: SourceInstance): Edit {
  const item: Item = {
    edits: [
      textEdit(tags.StudyInstanceUid, 'UI', source.studyInstanceUid),
      textEdit(tags.SeriesInstanceUid, 'UI', source.seriesInstanceUid),
      purposeEdit(purposes.sourceSeries),
    ],
  };
  return appendItem(source.dataSet, derivedTags.RelatedSeriesSequence, item);
}

/** Coding Scheme Identification Sequence (0008,0110): what the source has, then ours. PS3.3 C.12.1. */
export function codingSchemeEdit(source: SourceInstance): Edit {
  const item: Item = {
    edits: [
      textEdit(derivedTags.CodingSchemeDesignator, 'SH', codingScheme.designator),
      textEdit(derivedTags.CodingSchemeVersion, 'SH', codingScheme.version),
      textEdit(derivedTags.CodingSchemeName, 'ST', codingScheme.name),
      textEdit(derivedTags.CodingSchemeResponsibleOrganization, 'ST', codingScheme.organization),
    ],
  };
  return appendItem(source.dataSet, derivedTags.CodingSchemeIdentificationSequence, item);
}

/** Source Image Evidence Sequence (0008,9154): study, series, instance. Required beside a Derivation Image group. */
export function sourceEvidenceEdit(source: SourceInstance): Edit {
  const instances: Edit = { tag: derivedTags.ReferencedSopSequence, items: [{ edits: instanceReference(source) }] };
  const series = [textEdit(tags.SeriesInstanceUid, 'UI', source.seriesInstanceUid), instances];
  const study = [
    textEdit(tags.StudyInstanceUid, 'UI', source.studyInstanceUid),
    { tag: derivedTags.ReferencedSeriesSequence, items: [{ edits: series }] },
  ];
  return { tag: derivedTags.SourceImageEvidenceSequence, items: [{ edits: study }] };
}

function sourceImageSequence(reference: readonly Edit[]): Edit {
  return {
    tag: derivedTags.SourceImageSequence,
    items: [{ edits: [...reference, purposeEdit(purposes.sourceImage)] }],
  };
}

function instanceReference({ sopClass, sopInstanceUid }: SourceInstance): readonly Edit[] {
  return [
    textEdit(derivedTags.ReferencedSopClassUid, 'UI', sopClass.uid),
    textEdit(derivedTags.ReferencedSopInstanceUid, 'UI', sopInstanceUid),
  ];
}
