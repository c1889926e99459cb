import { describe, expect, test } from 'vitest';
import { deriveRequest } from '../../../../test/builders/derive-request.ts';
import { buildSource, numbers, raw, sequence, text } from '../../../../test/builders/source-instance.ts';
import { type Edit, joinRanges, splice } from '../../element-splicer.ts';
import { parsePart10 } from '../../part10.ts';
import { tagOfKeyword, tagText } from '../../tags.ts';
import { type DeriveRequest, deriveInstance, planInstance } from '../derive-instance.ts';
import { checkDerived, derivedViolations } from './check-derived.ts';

const remove = (keyword: string): Edit => ({ tag: tagOfKeyword(keyword), remove: true });

function classicRequest(): DeriveRequest {
  const edits = [
    raw('ImageComments', 'of old'),
    sequence('CodingSchemeIdentificationSequence', [text('CodingSchemeDesignator', 'LOCAL')]),
    numbers('SmallestImagePixelValue', 1),
    numbers('BitsStored', 12),
    numbers('HighBit', 11),
  ];
  const source = parsePart10(buildSource({ modality: 'PT', edits }));
  return deriveRequest(
    source,
    Int16Array.from({ length: 12 }, (_, index) => index),
  );
}

function multiFrameRequest(): DeriveRequest {
  const frame = [sequence('PlanePositionSequence', [text('ImagePositionPatient', '0', '0', '0')])];
  const type = sequence('CTImageFrameTypeSequence', [text('FrameType', 'ORIGINAL', 'PRIMARY', 'VOLUME', 'NONE')]);
  const edits = [
    sequence('SharedFunctionalGroupsSequence', [type]),
    sequence('PerFrameFunctionalGroupsSequence', frame, frame),
  ];
  const source = parsePart10(buildSource({ modality: 'CT', sopClass: '.2.1', frames: 2, edits }));
  return deriveRequest(
    source,
    Int16Array.from({ length: 24 }, (_, index) => index),
  );
}

/** The good file of a request with elements changed behind the writer's back. */
function tampered(request: DeriveRequest, edits: readonly Edit[]): Buffer {
  const file = Buffer.concat([...deriveInstance(request).parts]);
  const { dataSet, dataSetOffsetBytes } = parsePart10(file);
  return joinRanges([file.subarray(0, dataSetOffsetBytes), ...splice(dataSet, edits)]);
}

function rulesBrokenBy(request: DeriveRequest, edits: readonly Edit[]): readonly string[] {
  const violations = derivedViolations(planInstance(request), tampered(request, edits));
  return violations.map(({ tag, rule }) => `${tagText(tag)} ${rule}`);
}

const perFrame = (...frames: (readonly Edit[])[]) => sequence('PerFrameFunctionalGroupsSequence', ...frames);
const code = (value: string, scheme: string) => [
  text('CodeValue', value),
  text('CodingSchemeDesignator', scheme),
  text('CodeMeaning', 'x'),
];

describe('the check of a classic object', () => {
  test('finds nothing in what the writer wrote', () => {
    expect(rulesBrokenBy(classicRequest(), [])).toEqual([]);
  });

  // biome-ignore format: one row per case
  test.for([
    { name: 'a kept element that changed', edit: text('PatientID', 'DCTEST-0002'), broken: '(0010,0020) kept byte for byte, never added or lost' },
    { name: 'a kept element that is lost', edit: remove('PatientID'), broken: '(0010,0020) kept byte for byte, never added or lost' },
    { name: 'an element that nobody asked for', edit: text('StudyDescription', 'NEW'), broken: '(0008,1030) kept byte for byte, never added or lost' },
    { name: 'an element that must go', edit: text('SeriesDescriptionCodeSequence'), broken: '(0008,103F) absent' },
    { name: 'a missing comment', edit: remove('ImageComments'), broken: '(0020,4000) present exactly once' },
    { name: 'a comment without the notice', edit: raw('ImageComments', 'of old'), broken: '(0020,4000) the notice first, 10240 characters at most' },
    { name: 'a description without the mark', edit: text('SeriesDescription', 'THORAX'), broken: '(0008,103E) the mark first, 64 characters at most' },
    { name: 'a description that is too long', edit: raw('SeriesDescription', `AI-PT ${'x'.repeat(60)}`), broken: '(0008,103E) the mark first, 64 characters at most' },
    { name: "the source's series number", edit: text('SeriesNumber', '4'), broken: "(0020,0011) not the source's number" },
    { name: 'another instance UID', edit: text('SOPInstanceUID', '2.25.1'), broken: "(0008,0018) the derived UID, not the source's" },
    { name: 'another series UID', edit: text('SeriesInstanceUID', '2.25.1'), broken: "(0020,000E) the derived series, not the source's" },
    { name: 'ORIGINAL pixels', edit: text('ImageType', 'ORIGINAL', 'PRIMARY', 'DIFFCODE'), broken: '(0008,0008) DERIVED, then PRIMARY' },
    { name: 'an image type without our token', edit: text('ImageType', 'DERIVED', 'PRIMARY'), broken: '(0008,0008) our token' },
    { name: 'another source image', edit: sequence('SourceImageSequence', [text('ReferencedSOPInstanceUID', '2.25.1')]), broken: '(0008,2112) one item: the source instance' },
    { name: 'another derivation code', edit: sequence('DerivationCodeSequence', code('113087', 'DCM')), broken: '(0008,9215) the code of the task' },
    { name: 'another derivation text', edit: text('DerivationDescription', 'x'), broken: '(0008,2111) says what was done, 1024 characters at most' },
    { name: 'a coding scheme of the source that is lost', edit: sequence('CodingSchemeIdentificationSequence', [text('CodingSchemeDesignator', '99DIFFCODE')]), broken: "(0008,0110) the source's items byte for byte, then one" },
    { name: 'a foreign related series', edit: sequence('RelatedSeriesSequence', [text('SeriesInstanceUID', '2.25.1')]), broken: '(0008,1250) the source series last' },
    { name: 'foreign equipment', edit: sequence('ContributingEquipmentSequence', [text('ManufacturerModelName', 'other')]), broken: '(0018,A001) the node last, as processing equipment' },
    { name: 'pixels of another size', edit: raw('PixelData', 'xx', 'OW'), broken: '(7FE0,0010) native words, as many as the source has voxels, the new values' },
    { name: 'pixels as bytes', edit: raw('PixelData', '\0'.repeat(24), 'OB'), broken: '(7FE0,0010) native words, as many as the source has voxels, the new values' },
  ])('finds $name', ({ edit, broken }) => {
    expect(rulesBrokenBy(classicRequest(), [edit])).toContain(broken);
  });

  test('a value with bits above High Bit is never written', () => {
    const request = { ...classicRequest(), stored: new Int16Array(12).fill(2048) };

    expect(() => deriveInstance(request)).toThrow(expect.objectContaining({ code: 'DICOM_DERIVED_INVALID' }));
  });

  test('another file meta is found', () => {
    const request = classicRequest();
    const file = Buffer.from(Buffer.concat([...deriveInstance(request).parts]));
    file[file.indexOf('2.25.') + 6] = 0x39;

    expect(derivedViolations(planInstance(request), file).map(({ rule }) => rule)).toEqual([
      'file meta names the instance, its class and its transfer syntax',
    ]);
  });

  test('a file that cannot be read to its end is found', () => {
    const request = classicRequest();
    const file = Buffer.concat([...deriveInstance(request).parts]);

    expect(derivedViolations(planInstance(request), file.subarray(0, file.length - 1))).toEqual([
      { tag: 0, rule: 'readable to its end: truncated' },
    ]);
  });

  test('the error names the first rule and how many are broken, no value', () => {
    const request = classicRequest();
    const file = tampered(request, [text('PatientID', 'DCTEST-0002'), remove('ImageComments')]);

    expect(() => checkDerived(planInstance(request), file)).toThrow(
      expect.objectContaining({
        code: 'DICOM_DERIVED_INVALID',
        details: expect.objectContaining({ tag: '(0010,0020)', violations: 3 }) as unknown,
        message: expect.not.stringContaining('DCTEST') as unknown,
      }),
    );
  });
});

describe('the check of a multi-frame object', () => {
  const position = sequence('PlanePositionSequence', [text('ImagePositionPatient', '0', '0', '9')]);

  test('finds nothing in what the writer wrote', () => {
    expect(rulesBrokenBy(multiFrameRequest(), [])).toEqual([]);
  });

  // biome-ignore format: one row per case
  test.for([
    { name: 'another number of frames', edit: perFrame([]), broken: '(5200,9230) one item per frame' },
    { name: 'frames without derivation', edit: perFrame([], []), broken: '(0008,9124) the frame of the source, coded' },
    { name: 'a moved frame', edit: perFrame([position], [position]), broken: '(0020,9113) a kept functional group, byte for byte' },
    { name: 'an ORIGINAL frame type', edit: sequence('SharedFunctionalGroupsSequence', [sequence('CTImageFrameTypeSequence', [text('FrameType', 'ORIGINAL')])]), broken: '(0018,9329) DERIVED, then PRIMARY' },
    { name: 'a shared derivation', edit: sequence('SharedFunctionalGroupsSequence', [sequence('DerivationImageSequence', [])]), broken: '(0008,9124) not shared' },
    { name: 'lost shared groups', edit: sequence('SharedFunctionalGroupsSequence'), broken: '(5200,9229) as many items as the source has' },
    { name: 'a product', edit: text('ContentQualification', 'PRODUCT'), broken: '(0018,9004) RESEARCH' },
    { name: 'missing evidence', edit: remove('SourceImageEvidenceSequence'), broken: '(0008,9154) present exactly once' },
    { name: 'foreign evidence', edit: sequence('SourceImageEvidenceSequence', []), broken: '(0008,9154) the source instance' },
    { name: 'a derivation at the root', edit: text('DerivationDescription', 'x'), broken: '(0008,2111) absent' },
  ])('finds $name', ({ edit, broken }) => {
    expect(rulesBrokenBy(multiFrameRequest(), [edit])).toContain(broken);
  });
});
