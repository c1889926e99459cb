import { describe, expect, test } from 'vitest';
import { deriveRequest } from '../../../test/builders/derive-request.ts';
import { buildSource, numbers, sequence, text } from '../../../test/builders/source-instance.ts';
import { type DataSet, elementBytes, findElement } from '../data-set.ts';
import type { Edit } from '../element-splicer.ts';
import { readItems, readString, readStrings } from '../element-values.ts';
import { parsePart10 } from '../part10.ts';
import { tagOfKeyword, tags } from '../tags.ts';
import { deriveInstance } from './derive-instance.ts';
import type { FrameSlopes } from './functional-groups.ts';
import { deriveUid } from './uid.ts';

const frames = 3;
const pixels = Int16Array.from({ length: 12 * frames }, (_, index) => index);

const frameType = (keyword: string) => sequence(keyword, [text('FrameType', 'ORIGINAL', 'PRIMARY', 'VOLUME', 'NONE')]);
const position = (z: number) => sequence('PlanePositionSequence', [text('ImagePositionPatient', '0', '0', String(z))]);
const rescale = (slope: string) =>
  sequence('PixelValueTransformationSequence', [text('RescaleIntercept', '0'), text('RescaleSlope', slope)]);
const oldDerivation = sequence('DerivationImageSequence', [text('DerivationDescription', 'of old')]);
const valueMap = sequence('RealWorldValueMappingSequence', [text('LUTLabel', 'SUV')]);

interface Groups {
  readonly shared?: readonly Edit[];
  readonly perFrame?: (index: number) => readonly Edit[];
  readonly root?: readonly Edit[];
  readonly sopClass?: string;
  readonly slopes?: FrameSlopes;
}

function derive({
  shared = [],
  perFrame = (index) => [position(index)],
  root = [],
  sopClass = '.130',
  slopes = [],
}: Groups) {
  const edits = [
    sequence('SharedFunctionalGroupsSequence', shared),
    sequence('PerFrameFunctionalGroupsSequence', ...Array.from({ length: frames }, (_, index) => perFrame(index))),
    text('ImageType', 'ORIGINAL', 'PRIMARY', 'VOLUME', 'NONE'),
    ...root,
  ];
  const source = parsePart10(buildSource({ modality: 'PT', sopClass, frames, edits }));
  const { parts } = deriveInstance({ ...deriveRequest(source, pixels), slopes });
  const derived = parsePart10(Buffer.concat([...parts])).dataSet;
  return {
    source: source.dataSet,
    derived,
    sharedOf: groupsOf(tags.SharedFunctionalGroupsSequence),
    framesOf: groupsOf(tags.PerFrameFunctionalGroupsSequence),
  };
}

const groupsOf = (tag: number) => (dataSet: DataSet) => readItems(dataSet, tag);
const item = (dataSet: DataSet | undefined, keyword: string) =>
  dataSet === undefined ? undefined : readItems(dataSet, tagOfKeyword(keyword))[0];
const textOf = (dataSet: DataSet | undefined, keyword: string) =>
  dataSet === undefined ? undefined : readStrings(dataSet, tagOfKeyword(keyword)).join('\\');
const bytesOf = (dataSet: DataSet | undefined, keyword: string) => {
  const element = dataSet === undefined ? undefined : findElement(dataSet, tagOfKeyword(keyword));
  return dataSet === undefined || element === undefined ? undefined : elementBytes(dataSet, element);
};

const slopesOf = (list: readonly DataSet[]) =>
  list.map((frame) => textOf(item(frame, 'PixelValueTransformationSequence'), 'RescaleSlope'));

describe('functional groups', () => {
  test('each frame names its frame of the source, what was done and the code', () => {
    const { source, derived, framesOf } = derive({});

    const images = framesOf(derived).map((frame) => item(frame, 'DerivationImageSequence'));
    const sources = images.map((image) => item(image, 'SourceImageSequence'));

    expect(sources.map((image) => textOf(image, 'ReferencedFrameNumber'))).toEqual(['1', '2', '3']);
    expect(sources.map((image) => textOf(image, 'ReferencedSOPInstanceUID'))).toEqual(
      Array(frames).fill(textOf(source, 'SOPInstanceUID')),
    );
    expect(images.map((image) => textOf(item(image, 'DerivationCodeSequence'), 'CodeValue'))).toEqual(
      Array(frames).fill('PT-DE'),
    );
    expect(textOf(images[0], 'DerivationDescription')).toContain('AI restoration DiffCode: pet-synthesis');
  });

  test('a derivation of the source is replaced, shared or not', () => {
    const { derived, sharedOf, framesOf } = derive({
      shared: [oldDerivation],
      perFrame: (index) => [position(index), oldDerivation],
    });

    expect(item(sharedOf(derived)[0], 'DerivationImageSequence')).toBeUndefined();
    for (const frame of framesOf(derived)) {
      expect(textOf(item(frame, 'DerivationImageSequence'), 'DerivationDescription')).not.toContain('of old');
    }
  });

  test.for([
    { sopClass: '.2.1', keyword: 'CTImageFrameTypeSequence' },
    { sopClass: '.4.1', keyword: 'MRImageFrameTypeSequence' },
    { sopClass: '.130', keyword: 'PETFrameTypeSequence' },
  ])('$keyword says DERIVED\\PRIMARY, shared and per frame', ({ sopClass, keyword }) => {
    const shared = derive({ sopClass, shared: [frameType(keyword)] });
    const perFrame = derive({ sopClass, perFrame: () => [frameType(keyword)] });
    const expected = 'DERIVED\\PRIMARY\\VOLUME\\NONE';

    expect(textOf(item(shared.sharedOf(shared.derived)[0], keyword), 'FrameType')).toBe(expected);
    for (const frame of perFrame.framesOf(perFrame.derived)) {
      expect(textOf(item(frame, keyword), 'FrameType')).toBe(expected);
    }
    expect(textOf(shared.derived, 'ImageType')).toBe(expected);
  });

  test('every other group keeps its bytes', () => {
    const { source, derived, sharedOf, framesOf } = derive({ shared: [rescale('1.5'), valueMap] });

    for (const keyword of ['PixelValueTransformationSequence', 'RealWorldValueMappingSequence']) {
      expect(bytesOf(sharedOf(derived)[0], keyword)).toEqual(bytesOf(sharedOf(source)[0], keyword));
    }
    framesOf(source).forEach((frame, index) => {
      expect(bytesOf(framesOf(derived)[index], 'PlanePositionSequence')).toEqual(
        bytesOf(frame, 'PlanePositionSequence'),
      );
    });
  });

  test('the root has evidence and qualification instead of a derivation of its own', () => {
    const { source, derived } = derive({ root: [text('DerivationDescription', 'of old')] });
    const evidence = item(derived, 'SourceImageEvidenceSequence');
    const series = item(evidence, 'ReferencedSeriesSequence');

    expect(textOf(item(series, 'ReferencedSOPSequence'), 'ReferencedSOPInstanceUID')).toBe(
      textOf(source, 'SOPInstanceUID'),
    );
    expect(textOf(evidence, 'StudyInstanceUID')).toBe(textOf(source, 'StudyInstanceUID'));
    expect(readString(derived, tagOfKeyword('ContentQualification'))).toBe('RESEARCH');
    for (const keyword of ['DerivationDescription', 'DerivationCodeSequence', 'SourceImageSequence']) {
      expect(findElement(derived, tagOfKeyword(keyword))).toBeUndefined();
    }
  });

  test('parts of a concatenation become parts of one derived concatenation', () => {
    const own = deriveUid('test', 'concatenation');
    const root = [
      text('ConcatenationUID', own),
      text('SOPInstanceUIDOfConcatenationSource', deriveUid('test', 'whole')),
      numbers('InConcatenationNumber', 2),
    ];

    const { source, derived } = derive({ root });

    expect(textOf(derived, 'ConcatenationUID')).toMatch(/^2\.25\./);
    expect(textOf(derived, 'ConcatenationUID')).not.toBe(own);
    expect(textOf(derived, 'SOPInstanceUIDOfConcatenationSource')).not.toBe(
      textOf(source, 'SOPInstanceUIDOfConcatenationSource'),
    );
    expect(bytesOf(derived, 'InConcatenationNumber')).toEqual(bytesOf(source, 'InConcatenationNumber'));
    expect(findElement(derive({}).derived, tagOfKeyword('ConcatenationUID'))).toBeUndefined();
  });
});

describe('a new slope of one frame', () => {
  const slopes: FrameSlopes = [undefined, { text: '2.5', value: 2.5 }, undefined];

  test('moves a shared transformation into every frame', () => {
    const { derived, sharedOf, framesOf } = derive({ shared: [rescale('1.5')], slopes });

    expect(slopesOf(sharedOf(derived))).toEqual([undefined]);
    expect(slopesOf(framesOf(derived))).toEqual(['1.5', '2.5', '1.5']);
  });

  test('changes the transformation of that frame alone', () => {
    const { derived, framesOf } = derive({ perFrame: (index) => [rescale(`0.${index + 1}`)], slopes });

    expect(slopesOf(framesOf(derived))).toEqual(['0.1', '2.5', '0.3']);
  });

  test('ends the value maps', () => {
    const { derived, sharedOf, framesOf } = derive({
      shared: [valueMap],
      perFrame: () => [rescale('1'), valueMap],
      slopes,
    });

    for (const groups of [...sharedOf(derived), ...framesOf(derived)]) {
      expect(item(groups, 'RealWorldValueMappingSequence')).toBeUndefined();
    }
  });

  test('needs a transformation to stand in', () => {
    expect(() => derive({ slopes })).toThrow(expect.objectContaining({ code: 'DICOM_NOT_DERIVABLE' }));
  });
});

test('a source with fewer per-frame items than frames is not derived from', () => {
  const edits = [sequence('PerFrameFunctionalGroupsSequence', [position(0)])];
  const source = parsePart10(buildSource({ modality: 'PT', sopClass: '.130', frames, edits }));

  expect(() => deriveInstance(deriveRequest(source, pixels))).toThrow(
    expect.objectContaining({ code: 'DICOM_NOT_DERIVABLE' }),
  );
});
