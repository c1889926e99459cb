import { describe, expect, test } from 'vitest';
import { deriveRequest } from '../../../test/builders/derive-request.ts';
import {
  buildSource,
  numbers,
  raw,
  type SourceOptions,
  sequence,
  text,
} from '../../../test/builders/source-instance.ts';
import { type DataSet, elementBytes, findElement, valueBytes } from '../data-set.ts';
import type { Edit } from '../element-splicer.ts';
import { readItems, readNumber, readString, readStrings } from '../element-values.ts';
import { parsePart10 } from '../part10.ts';
import { tagOfKeyword, tagText, vrOfTag } from '../tags.ts';
import { type DerivedInstance, deriveInstance } from './derive-instance.ts';
import type { SeriesFacts } from './derived-series.ts';
import { recomputedPetSlope } from './pet-slope.ts';
import { rootRules } from './rules/root-rules.ts';

interface Derivation {
  readonly source: DataSet;
  readonly derived: DataSet;
  readonly instance: DerivedInstance;
}

const pixels = Int16Array.from({ length: 12 }, (_, index) => index * 2);

function derive(options: SourceOptions, changes: Partial<SeriesFacts> = {}): Derivation {
  const source = parsePart10(buildSource(options));
  const instance = deriveInstance(deriveRequest(source, pixels, changes));
  return { source: source.dataSet, derived: parsePart10(Buffer.concat([...instance.parts])).dataSet, instance };
}

const textOf = (dataSet: DataSet, keyword: string) => readStrings(dataSet, tagOfKeyword(keyword)).join('\\');
const bytesOf = (dataSet: DataSet, tag: number) => {
  const element = findElement(dataSet, tag);
  return element === undefined ? undefined : elementBytes(dataSet, element);
};

/** Tags in `a` whose bytes `b` does not have. */
function differingTags(a: DataSet, b: DataSet): readonly string[] {
  const differing = a.elements.filter(
    ({ tag }) => bytesOf(b, tag)?.equals(bytesOf(a, tag) ?? Buffer.alloc(0)) !== true,
  );
  return differing.map(({ tag }) => tagText(tag));
}

describe('the elements of a derived instance', () => {
  const changed = ['(0008,0008)', '(0008,0018)', '(0008,103E)', '(0020,000E)', '(0020,0011)', '(7FE0,0010)'];
  // biome-ignore format: one group per line
  const added = [
    '(0008,0012)', '(0008,0013)', '(0008,0014)', '(0008,0110)', '(0008,1250)', '(0008,2111)', '(0008,2112)',
    '(0008,9215)', '(0018,A001)', '(0020,4000)',
  ];

  test.for(['CT', 'MR', 'PT'] as const)('%s: exactly what the table says is changed and added', (modality) => {
    const { source, derived } = derive({ modality });

    expect(differingTags(source, derived)).toEqual(changed);
    expect(differingTags(derived, source)).toEqual([...changed, ...added].toSorted());
  });

  const simple = rootRules.filter((rule) => rule.mask === 0xffffffff && !isUsual(rule.tag));
  const dropped = simple.filter((rule) => rule.treatment.classic === 'drop');
  const kept = simple.filter((rule) => rule.treatment.classic === 'keep');

  test.for(dropped.map(({ tag, content }) => ({ tag, content, name: tagText(tag) })))(
    '$name is dropped: $content',
    ({ tag }) => {
      const { source, derived } = derive({ modality: 'CT', edits: [anyValue(tag)] });

      expect(findElement(source, tag)).toBeDefined();
      expect(findElement(derived, tag)).toBeUndefined();
    },
  );

  test.for(kept.map(({ tag }) => ({ tag, name: tagText(tag) })))('$name is kept byte for byte', ({ tag }) => {
    const { source, derived } = derive({ modality: 'CT', edits: [anyValue(tag)] });

    expect(bytesOf(derived, tag)).toEqual(bytesOf(source, tag));
  });
});

/** What the builder writes anyway, or could not do without. */
function isUsual(tag: number): boolean {
  return findElement(parsePart10(buildSource({ modality: 'CT' })).dataSet, tag) !== undefined || tag === 0x7fe00001;
}

/** Some value of the dictionary's VR. */
function anyValue(tag: number): Edit {
  const vr = vrOfTag(tag);
  if (vr === 'SQ') return { tag, items: [{ edits: [raw('CodeMeaning', 'x ')] }] };
  const numeric: Readonly<Record<string, string>> = {
    US: '\x01\0',
    SS: '\x01\0',
    FD: '\0\0\0\0\0\0\xf0?',
    OV: '\0\0\0\0\0\0\0\0',
  };
  return { tag, vr, value: Buffer.from(numeric[vr] ?? '1 ', 'latin1') };
}

describe('identity', () => {
  test('the same request gives the same bytes', () => {
    const first = derive({ modality: 'CT' }).instance;
    const again = derive({ modality: 'CT' }).instance;

    expect(Buffer.concat([...again.parts])).toEqual(Buffer.concat([...first.parts]));
  });

  test('UIDs, numbers and references name the derived object and its one source', () => {
    const { source, derived, instance } = derive({ modality: 'CT' });
    const [image] = readItems(derived, tagOfKeyword('SourceImageSequence'));
    const [series] = readItems(derived, tagOfKeyword('RelatedSeriesSequence'));

    expect(readString(derived, tagOfKeyword('SOPInstanceUID'))).toBe(instance.sopInstanceUid);
    expect(readString(derived, tagOfKeyword('SeriesInstanceUID'))).toBe(instance.seriesInstanceUid);
    expect(textOf(derived, 'SeriesNumber')).toBe('10004');
    expect(image && textOf(image, 'ReferencedSOPInstanceUID')).toBe(textOf(source, 'SOPInstanceUID'));
    expect(image && textOf(image, 'SpatialLocationsPreserved')).toBe('YES');
    expect(series && textOf(series, 'SeriesInstanceUID')).toBe(textOf(source, 'SeriesInstanceUID'));
  });

  test('creation is told in the zone of the source, or else in the configured one', () => {
    const zoned = derive(
      { modality: 'CT', edits: [text('TimezoneOffsetFromUTC', '-0500')] },
      { timezone: 'Asia/Tokyo' },
    );
    const configured = derive({ modality: 'CT' }, { timezone: 'Asia/Tokyo' });

    expect(textOf(zoned.derived, 'InstanceCreationTime')).toBe('220405.678');
    expect(textOf(zoned.derived, 'InstanceCreationDate')).toBe('20260101');
    expect(textOf(configured.derived, 'InstanceCreationTime')).toBe('120405.678');
    expect(findElement(configured.derived, tagOfKeyword('TimezoneOffsetFromUTC'))).toBeUndefined();
  });

  test.for([
    { value: 'YES', kept: true },
    { value: 'NO', kept: false },
  ])('Synthetic Data $value of the source is kept: $kept', ({ value, kept }) => {
    const syntheticData = { tag: 0x0008001c, vr: 'CS', value: Buffer.from(value.padEnd(4)) };

    expect(findElement(derive({ modality: 'CT', edits: [syntheticData] }).derived, 0x0008001c) !== undefined).toBe(
      kept,
    );
  });

  test('the third derived series says so in number, mark and comment', () => {
    const { derived } = derive({ modality: 'MR' }, { ordinal: 3, supersedes: '2.25.77' as never });

    expect(textOf(derived, 'SeriesNumber')).toBe('30004');
    expect(textOf(derived, 'SeriesDescription')).toBe('AI-SR r3 THORAX');
    expect(textOf(derived, 'ImageComments')).toContain('\r\nSupersedes series 2.25.77');
  });

  test('the node stands last in Contributing Equipment, with versions, weights and digests', () => {
    const own = [
      sequence('PurposeOfReferenceCodeSequence', [text('CodeValue', '109103')]),
      text('Manufacturer', 'OTHER'),
    ];
    const { derived, instance } = derive(
      { modality: 'CT', edits: [sequence('ContributingEquipmentSequence', own)] },
      { stationName: 'NODE1' },
    );
    const [other, node] = readItems(derived, tagOfKeyword('ContributingEquipmentSequence'));

    expect(other && textOf(other, 'Manufacturer')).toBe('OTHER');
    expect(node && textOf(node, 'ManufacturerModelName')).toBe('diffcode-node');
    expect(node && textOf(node, 'SoftwareVersions')).toBe('0.1.0\\base32-000000000000');
    expect(node && textOf(node, 'DeviceUID')).toBe('2.25.218502945147945722968465427204133047544');
    expect(node && textOf(node, 'StationName')).toBe('NODE1');
    expect(node && textOf(node, 'ContributionDateTime')).toBe('20260102030405.678+0000');
    expect(node && textOf(node, 'ContributionDescription')).toContain(
      `source-pixels=${instance.pixelDigest}; executor=reference`,
    );
  });
});

describe('encoding', () => {
  test.for([
    { name: 'implicit little endian stays', from: '1.2.840.10008.1.2', to: '1.2.840.10008.1.2' },
    { name: 'explicit little endian stays', from: '1.2.840.10008.1.2.1', to: '1.2.840.10008.1.2.1' },
    { name: 'explicit big endian becomes little', from: '1.2.840.10008.1.2.2', to: '1.2.840.10008.1.2.1' },
  ])('$name', ({ from, to }) => {
    const edits = [numbers('SmallestImagePixelValue', 0), sequence('ReferencedImageSequence', [numbers('Rows', 259)])];
    const { derived, instance } = derive({ modality: 'CT', transferSyntaxUid: from, edits });
    const [nested] = readItems(derived, tagOfKeyword('ReferencedImageSequence'));
    const data = findElement(derived, tagOfKeyword('PixelData'));

    expect(instance.transferSyntaxUid).toBe(to);
    expect(readNumber(derived, tagOfKeyword('Columns'))).toBe(4);
    expect(nested && readNumber(nested, tagOfKeyword('Rows'))).toBe(259);
    expect(data && valueBytes(derived, data)).toEqual(Buffer.from(pixels.buffer));
  });

  test('extremes are recomputed where the source has them, in its VR', () => {
    const edits = [raw('SmallestImagePixelValue', '\x09\0', 'US'), raw('LargestImagePixelValue', '\x09\0', 'SS')];
    const { derived } = derive({ modality: 'CT', edits });

    expect(readNumber(derived, tagOfKeyword('SmallestImagePixelValue'))).toBe(0);
    expect(readNumber(derived, tagOfKeyword('LargestImagePixelValue'))).toBe(22);
    expect(findElement(derived, tagOfKeyword('SmallestImagePixelValue'))?.vr).toBe('US');
  });

  test('items of the source keep their form of length in a sequence that gets one more', () => {
    // one item of undefined length: (0008,0102) SH "LOCAL "
    const item = 'fe ff 00 e0 ff ff ff ff 08 00 02 01 53 48 06 00 4c 4f 43 41 4c 20 fe ff 0d e0 00 00 00 00';
    const schemes: Edit = {
      tag: tagOfKeyword('CodingSchemeIdentificationSequence'),
      vr: 'SQ',
      value: Buffer.from(item.replaceAll(' ', ''), 'hex'),
    };
    const { derived } = derive({ modality: 'CT', edits: [schemes] });
    const element = findElement(derived, schemes.tag);

    expect(element && valueBytes(derived, element).subarray(0, 30)).toEqual(schemes.value);
    expect(readItems(derived, schemes.tag).map((scheme) => textOf(scheme, 'CodingSchemeDesignator'))).toEqual([
      'LOCAL',
      '99DIFFCODE',
    ]);
  });

  test('group lengths go from every group', () => {
    const lengths = [0x00080000, 0x00100000].map((tag) => ({ tag, vr: 'UL', value: Buffer.alloc(4) }));

    expect(
      derive({ modality: 'CT', edits: lengths }).derived.elements.filter(({ tag }) => (tag & 0xffff) === 0),
    ).toEqual([]);
  });
});

describe('text in other character sets', () => {
  test.for([
    { name: 'Japanese', sets: ['', 'ISO 2022 IR 87'], text: '\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B' },
    { name: 'Korean', sets: ['', 'ISO 2022 IR 149'], text: '\x1b$)C\xb1\xe8\xc8\xf1\xc1\xdf' },
    { name: 'Latin-1', sets: ['ISO_IR 100'], text: 'M\xfcller' },
    { name: 'UTF-8', sets: ['ISO_IR 192'], text: '\xe5\xb1\xb1\xe7\x94\xb0' },
  ])('$name names and descriptions keep their bytes', ({ sets, text: value }) => {
    const edits = [
      raw('SpecificCharacterSet', sets.join('\\')),
      raw('PatientName', value),
      raw('SeriesDescription', value),
      raw('ImageComments', value),
    ];
    const { source, derived } = derive({ modality: 'CT', edits });
    const bytes = Buffer.from(value, 'latin1');

    for (const keyword of ['PatientName', 'SpecificCharacterSet']) {
      expect(bytesOf(derived, tagOfKeyword(keyword))).toEqual(bytesOf(source, tagOfKeyword(keyword)));
    }
    expect(
      bytesOf(derived, tagOfKeyword('SeriesDescription'))?.includes(Buffer.concat([Buffer.from('AI-DN '), bytes])),
    ).toBe(true);
    expect(bytesOf(derived, tagOfKeyword('ImageComments'))?.includes(Buffer.concat([Buffer.from('\r\n'), bytes]))).toBe(
      true,
    );
  });
});

describe('overlays', () => {
  const inPixelData = [raw('OverlayRows', '\x01\0', 'US'), raw('OverlayBitPosition', '\x0c\0', 'US')];
  const ofItsOwn = [
    raw('OverlayRows', '\x01\0', 'US'),
    raw('OverlayBitPosition', '\0\0', 'US'),
    raw('OverlayData', '\0\0', 'OW'),
  ];
  const statistics = raw('ROIMean', '12', 'DS');

  test.for([
    { name: 'whose bits lived in Pixel Data go', edits: inPixelData, left: [] },
    { name: 'with data stay', edits: ofItsOwn, left: ['(6000,0010)', '(6000,0102)', '(6000,3000)'] },
    {
      name: 'lose the statistics of their region',
      edits: [...ofItsOwn, statistics],
      left: ['(6000,0010)', '(6000,0102)', '(6000,3000)'],
    },
  ])('$name', ({ edits, left }) => {
    const { derived } = derive({ modality: 'CT', edits });

    expect(derived.elements.map(({ tag }) => tagText(tag)).filter((tag) => tag.startsWith('(60'))).toEqual(left);
  });
});

test('a new PET slope is written, and the value map of the old one goes', () => {
  const edits = [text('RescaleSlope', '0.5'), sequence('RealWorldValueMappingSequence', [text('LUTLabel', 'SUV')])];
  const source = parsePart10(buildSource({ modality: 'PT', edits }));
  const slope = recomputedPetSlope(0.5, 20_000, 32_767);

  const instance = deriveInstance({ ...deriveRequest(source, pixels), slopes: [slope] });
  const derived = parsePart10(Buffer.concat([...instance.parts])).dataSet;

  expect(textOf(derived, 'RescaleSlope')).toBe('0.61037018951995');
  expect(findElement(derived, tagOfKeyword('RealWorldValueMappingSequence'))).toBeUndefined();
});

describe('what is not derived from', () => {
  test.for([
    { name: 'another class', options: { modality: 'CT', sopClass: '.7' }, code: 'DICOM_NOT_DERIVABLE' },
    { name: '8 bits', options: { modality: 'CT', edits: [numbers('BitsAllocated', 8)] }, code: 'DICOM_NOT_DERIVABLE' },
    {
      name: 'colour',
      options: { modality: 'CT', edits: [numbers('SamplesPerPixel', 3)] },
      code: 'DICOM_NOT_DERIVABLE',
    },
    {
      name: 'many frames in a classic class',
      options: { modality: 'CT', edits: [text('NumberOfFrames', '2')] },
      code: 'DICOM_NOT_DERIVABLE',
    },
    { name: 'another size', options: { modality: 'CT', edits: [numbers('Rows', 5)] }, code: 'DICOM_NOT_DERIVABLE' },
    {
      name: 'a UID that is none',
      options: { modality: 'CT', edits: [raw('SOPInstanceUID', '1.2.x ')] },
      code: 'DICOM_BAD_UID',
    },
  ] satisfies readonly { name: string; options: SourceOptions; code: string }[])(
    '$name: $code',
    ({ options, code }) => {
      expect(() => derive(options)).toThrow(expect.objectContaining({ code }));
    },
  );

  test('an instance of another series', () => {
    const source = parsePart10(buildSource({ modality: 'CT' }));
    const request = deriveRequest(source, pixels);
    const other = parsePart10(buildSource({ modality: 'CT', edits: [text('SeriesInstanceUID', '2.25.1')] }));

    expect(() => deriveInstance({ ...request, source: other })).toThrow(
      expect.objectContaining({ code: 'DICOM_NOT_DERIVABLE' }),
    );
  });

  test('a data set that ends early', () => {
    const file = buildSource({ modality: 'CT', edits: [raw('DataSetTrailingPadding', 'xxxx')] });
    const source = parsePart10(file.subarray(0, file.length - 2));

    expect(() => deriveInstance(deriveRequest(source, pixels))).toThrow(
      expect.objectContaining({ code: 'DICOM_DATA_SET_FAULTY' }),
    );
  });
});
