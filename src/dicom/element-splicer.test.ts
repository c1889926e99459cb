import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DataSet, elementBytes, findElement, valueBytes, walkDataSet } from './data-set.ts';
import { encodeElement, encodeItem } from './element-encoder.ts';
import { type Edit, joinRanges, splice } from './element-splicer.ts';
import { readItems, readNumbers, readString } from './element-values.ts';
import { tags } from './tags.ts';
import { type Encoding, explicitBig, explicitLittle, implicitLittle } from './transfer-syntax.ts';
import { encodeNumbers, encodeText } from './value-encoder.ts';

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');
const latin = (text: string) => Buffer.from(text, 'latin1');

function element(tag: number, vr: string, value: Buffer, encoding: Encoding = explicitLittle): Buffer {
  return Buffer.concat([...encodeElement(tag, vr, [value], encoding)]);
}

function edited(bytes: Buffer, edits: readonly Edit[], encoding = explicitLittle, target = encoding): DataSet {
  return walkDataSet(joinRanges(splice(walkDataSet(bytes, encoding), edits, { target })), target);
}

const groupLength8 = element(0x00080000, 'UL', hex('12000000'));
const charset = element(tags.SpecificCharacterSet, 'CS', latin('\\ISO 2022 IR 87'));
const modality = element(tags.Modality, 'CS', latin('CT'));
const groupLength10 = element(0x00100000, 'UL', hex('0e000000'));
const japaneseName = element(tags.PatientName, 'PN', hex('59616d6164613d1b2442 3b33 4544 1b2842 20'.replace(/ /g, '')));
const privateUnknown = element(0x00111001, 'UN', hex('01020304'));
const rows = element(tags.Rows, 'US', hex('4000'));
const setSeries: Edit = { tag: tags.SeriesDescription, vr: 'LO', value: latin('AI-DN Thorax') };

describe('splice without edits', () => {
  test.for([
    { name: 'group lengths, right or wrong', bytes: Buffer.concat([groupLength8, modality]) },
    { name: 'ISO 2022 names', bytes: Buffer.concat([charset, japaneseName]) },
    { name: 'an unknown VR', bytes: hex('0800 6000 5a5a 0200 4354') },
    { name: 'an odd length', bytes: hex('0800 6000 4353 0300 435430 2800 1000 5553 0200 4000') },
    { name: 'duplicates', bytes: Buffer.concat([modality, modality]) },
    { name: 'a sequence of defined length', bytes: hex('4000 7502 5351 0000 08000000 feff 00e0 00000000') },
    { name: 'tags out of order', bytes: Buffer.concat([rows, modality]) },
    { name: 'a cut element', bytes: rows.subarray(0, 9) },
    { name: 'garbage', bytes: Buffer.alloc(40, 0xde) },
  ])('gives the source itself: $name', ({ bytes }) => {
    const ranges = splice(walkDataSet(bytes, explicitLittle), []);

    expect(ranges).toHaveLength(1);
    expect(ranges[0]?.buffer).toBe(bytes.buffer);
    expect(ranges[0]).toEqual(bytes);
  });
});

describe('splice with edits', () => {
  test('inserts in tag order and keeps all other bytes, as few large views', () => {
    const bytes = Buffer.concat([charset, modality, japaneseName, privateUnknown, rows]);

    const ranges = splice(walkDataSet(bytes, explicitLittle), [setSeries]);

    const inserted = element(tags.SeriesDescription, 'LO', latin('AI-DN Thorax'));
    expect(joinRanges(ranges)).toEqual(
      Buffer.concat([charset, modality, inserted, japaneseName, privateUnknown, rows]),
    );
    expect(ranges.filter((range) => range.buffer === bytes.buffer && range.length > 12)).toHaveLength(2);
  });

  test('keeps a Japanese name and a Korean name byte for byte', () => {
    // Hong^Gildong=\x1b$)C... : designates KS X 1001 to G1
    const koreanName = element(tags.PatientName, 'PN', hex('486f6e675e47696c646f6e673d1b242943fbf31b2429435ed1ceb1c3'));
    for (const name of [japaneseName, koreanName]) {
      const result = edited(Buffer.concat([charset, name, rows]), [setSeries]);
      const kept = findElement(result, tags.PatientName);

      expect(kept && elementBytes(result, kept)).toEqual(name);
    }
  });

  test('replaces every occurrence of a tag, at the place of the first', () => {
    const bytes = Buffer.concat([modality, rows, modality]);

    const result = edited(bytes, [{ tag: tags.Modality, vr: 'CS', value: latin('MR') }]);

    expect(result.elements.map(({ tag }) => tag)).toEqual([tags.Modality, tags.Rows]);
    expect(readString(result, tags.Modality)).toBe('MR');
  });

  test('removes every occurrence of a tag', () => {
    const result = edited(Buffer.concat([modality, rows, modality]), [{ tag: tags.Modality, remove: true }]);

    expect(result.bytes).toEqual(rows);
  });

  test('a data set out of order gets new elements before the first greater tag', () => {
    const result = edited(Buffer.concat([rows, modality, japaneseName]), [setSeries]);

    expect(result.elements.map(({ tag }) => tag)).toEqual([
      tags.SeriesDescription,
      tags.Rows,
      tags.Modality,
      tags.PatientName,
    ]);
  });

  test('removes group lengths of changed groups and keeps the others', () => {
    const bytes = Buffer.concat([groupLength8, modality, groupLength10, japaneseName]);

    const result = edited(bytes, [setSeries, { tag: 0x00104000, remove: true }]);

    expect(result.elements.map(({ tag }) => tag)).toEqual([
      tags.Modality,
      tags.SeriesDescription,
      0x00100000,
      tags.PatientName,
    ]);
  });

  test('removes Length to End and the signatures of the root, keeps the trailing padding', () => {
    const bytes = Buffer.concat([
      element(tags.LengthToEnd, 'UL', hex('00010000')),
      modality,
      element(tags.MacParametersSequence, 'SQ', Buffer.alloc(0)),
      element(tags.DigitalSignaturesSequence, 'SQ', Buffer.alloc(0)),
      element(tags.DataSetTrailingPadding, 'OB', Buffer.alloc(2)),
    ]);

    const result = edited(bytes, [{ tag: tags.Rows, vr: 'US', value: hex('4000') }]);

    expect(result.elements.map(({ tag }) => tag)).toEqual([tags.Modality, tags.Rows, tags.DataSetTrailingPadding]);
  });

  test.for([
    { vr: 'UI', value: '1.2.3', padded: '312e322e3300' },
    { vr: 'LO', value: 'abc', padded: '61626320' },
    { vr: 'OB', value: 'abc', padded: '61626300' },
  ])('pads $vr to an even length', ({ vr, value, padded }) => {
    const result = edited(modality, [{ tag: 0x00081010, vr, value: latin(value) }]);
    const [, made] = result.elements;

    expect(made && valueBytes(result, made).toString('hex')).toBe(padded);
  });

  test('writes new sequences with defined lengths, and items of the source as they were', () => {
    const item = Buffer.concat([...encodeItem([modality], explicitLittle)]);
    const source = walkDataSet(Buffer.concat([element(0x0018a001, 'SQ', item), rows]), explicitLittle);

    const ranges = splice(source, [
      {
        tag: 0x0018a001,
        items: [
          ...readItems(source, 0x0018a001).map((base) => ({ base, edits: [] })),
          { edits: [{ tag: tags.Modality, vr: 'CS', value: latin('MR') }] },
        ],
      },
    ]);
    const result = walkDataSet(joinRanges(ranges), explicitLittle);

    const items = readItems(result, 0x0018a001);
    expect(items.map((made) => readString(made, tags.Modality))).toEqual(['CT', 'MR']);
    expect(items[0]?.bytes).toEqual(modality);
    expect(findElement(result, 0x0018a001)?.undefinedLength).toBe(false);
  });

  test.for([
    { name: 'cut', bytes: rows.subarray(0, 9) },
    { name: 'with a tail that cannot be read', bytes: Buffer.concat([rows, Buffer.alloc(40, 0xde)]) },
  ])('refuses a data set $name', ({ bytes }) => {
    expect(() => splice(walkDataSet(bytes, explicitLittle), [setSeries])).toThrow(
      expect.objectContaining({ code: 'DICOM_DATA_SET_FAULTY' }),
    );
  });
});

const words = (encoding: Encoding) => (encoding.littleEndian ? hex('0201') : hex('0102'));

const nested = (encoding: Encoding): Buffer =>
  Buffer.concat([
    element(0x00080000, 'UL', hex('ffffffff'), encoding),
    element(tags.Modality, 'CS', latin('CT'), encoding),
    // one item of defined length, in a sequence of undefined length
    element(0x00080096, 'SQ', Buffer.alloc(0), encoding).subarray(0, encoding.explicit ? 8 : 4),
    hex('ffffffff'),
    ...encodeItem([element(tags.Rows, 'US', words(encoding), encoding)], encoding),
    Buffer.from(encoding.littleEndian ? 'feffdde000000000' : 'fffee0dd00000000', 'hex'),
    element(tags.Columns, 'US', words(encoding), encoding),
    element(0x00291001, 'UN', hex('01020304'), encoding),
  ]);

describe('splice into another encoding', () => {
  test.for([
    { name: 'big endian to little endian', from: explicitBig, to: explicitLittle },
    { name: 'explicit to implicit', from: explicitLittle, to: implicitLittle },
    { name: 'implicit to explicit', from: implicitLittle, to: explicitLittle },
    { name: 'little endian to big endian', from: explicitLittle, to: explicitBig },
  ])('$name: same elements, values by VR, UN as it is, no group lengths', ({ from, to }) => {
    const result = edited(nested(from), [], from, to);

    expect(result.fault).toBeUndefined();
    expect(result.elements.map(({ tag, vr }) => [tag, vr])).toEqual([
      [tags.Modality, 'CS'],
      [0x00080096, 'SQ'],
      [tags.Columns, 'US'],
      [0x00291001, 'UN'],
    ]);
    expect(readNumbers(result, tags.Columns)).toEqual([0x0102]);
    expect(readItems(result, 0x00080096).map((item) => readNumbers(item, tags.Rows))).toEqual([[0x0102]]);
    const unknown = findElement(result, 0x00291001);
    expect(unknown && valueBytes(result, unknown).toString('hex')).toBe('01020304');
    expect(edited(result.bytes, [], to, from).bytes).toEqual(nested(from).subarray(12));
  });

  test('new numbers are given little endian and written as the target asks', () => {
    const result = edited(
      element(tags.Modality, 'CS', latin('CT'), explicitBig),
      [{ tag: tags.Rows, vr: 'US', value: encodeNumbers('US', 0x0102) }],
      explicitBig,
    );

    expect(result.bytes.subarray(-2).toString('hex')).toBe('0102');
  });

  test('fragments cannot become implicit', () => {
    const pixels = hex('e07f 1000 4f42 0000 ffffffff feff 00e0 00000000 feff dde0 00000000');

    expect(() => edited(pixels, [], explicitLittle, implicitLittle)).toThrow(
      expect.objectContaining({ code: 'DICOM_NOT_ENCODABLE' }),
    );
  });

  test('a short VR whose value needs four bytes of length becomes UN', () => {
    const long = element(0x00280106, 'US', Buffer.alloc(70_000), implicitLittle);

    const result = edited(long, [], implicitLittle, explicitLittle);

    expect(result.elements.map(({ vr, lengthBytes }) => [vr, lengthBytes])).toEqual([['UN', 70_000]]);
  });

  test('sequences nested without end are refused, not followed', () => {
    let bytes: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 100; depth += 1) {
      bytes = element(0x00080096, 'SQ', Buffer.concat([...encodeItem([bytes], explicitLittle)]));
    }

    expect(() => edited(bytes, [], explicitLittle, implicitLittle)).toThrow(
      expect.objectContaining({ code: 'DICOM_DATA_SET_FAULTY' }),
    );
  });
});

describe('any data set and any edits', () => {
  const tag = fc.constantFrom<number[]>(
    0x00080060,
    0x00080070,
    0x00100010,
    0x00111001,
    0x00180050,
    0x00280010,
    0x7fe00010,
  );
  const value = fc.uint8Array({ minLength: 0, maxLength: 6 }).map((bytes) => Buffer.from(bytes));
  const edit = fc.oneof(
    fc.record({ tag, vr: fc.constant('LO'), value }),
    fc.record({ tag, remove: fc.constant(true as const) }),
  );

  test('what no edit names is kept in its bytes and its order; what one names is as it says', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(tag, value), { maxLength: 8 }), fc.array(edit, { maxLength: 5 }), (list, edits) => {
        const bytes = Buffer.concat(list.map(([t, v]) => element(t, 'LO', v)));
        const source = walkDataSet(bytes, explicitLittle);
        const result = edited(bytes, edits);
        const named = new Set(edits.map((each) => each.tag));
        const kept = (dataSet: DataSet) =>
          dataSet.elements.filter((each) => !named.has(each.tag)).map((each) => elementBytes(dataSet, each));

        expect(kept(result)).toEqual(kept(source));
        for (const last of new Map(edits.map((each) => [each.tag, each])).values()) {
          const made = result.elements.filter((each) => each.tag === last.tag);
          expect(made).toHaveLength('remove' in last ? 0 : 1);
        }
        expect(result.unsorted && !source.unsorted).toBe(false);
      }),
      { seed: 20_260_101 },
    );
  });
});

describe('encodeText for the splicer', () => {
  test('a code of several values is one element', () => {
    const result = edited(modality, [
      { tag: tags.ImageType, vr: 'CS', value: encodeText('CS', ['DERIVED', 'PRIMARY', 'AXIAL', 'DIFFCODE']) },
    ]);

    expect(readString(result, tags.ImageType)).toBe('DERIVED');
  });
});
