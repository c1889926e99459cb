import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { walkDataSet } from './data-set.ts';
import { encodeElement } from './element-encoder.ts';
import { joinRanges, splice } from './element-splicer.ts';
import { HeaderScanner, type ScannedHeader } from './header-scanner.ts';
import { tags } from './tags.ts';
import {
  deflatedUid,
  encodingOf,
  explicitBigUid,
  explicitLittle,
  explicitLittleUid,
  implicitLittleUid,
} from './transfer-syntax.ts';
import { encodeNumbers, encodeText } from './value-encoder.ts';

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');
const text = (tag: number, vr: string, ...values: string[]) => element(tag, vr, encodeText(vr, values));
const number = (tag: number, value: number) => element(tag, 'US', encodeNumbers('US', value));

function element(tag: number, vr: string, value: Buffer): Buffer {
  return joinRanges(encodeElement(tag, vr, [value], explicitLittle));
}

// A sequence of undefined length with an item of undefined length that holds a SOP Instance UID of its own.
const sequence = hex(`0800 4011 5351 0000 ffffffff feff 00e0 ffffffff
  0800 1800 5549 0600 392e392e3900 feff 0de0 00000000 feff dde0 00000000`);

const header = Buffer.concat([
  text(tags.SpecificCharacterSet, 'CS', 'ISO_IR 100'),
  text(tags.ImageType, 'CS', 'ORIGINAL', 'PRIMARY', 'AXIAL'),
  text(tags.SopClassUid, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
  text(tags.SopInstanceUid, 'UI', '1.2.3.4'),
  text(tags.Modality, 'CS', 'CT'),
  sequence,
  element(0x00091001, 'UN', Buffer.alloc(5000)),
  text(tags.StudyInstanceUid, 'UI', '1.2.3'),
  text(tags.SeriesInstanceUid, 'UI', '1.2.3.9'),
  text(tags.SeriesNumber, 'IS', '3'),
  text(tags.InstanceNumber, 'IS', '+7'),
  number(tags.SamplesPerPixel, 1),
  text(tags.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
  text(tags.NumberOfFrames, 'IS', '2'),
  number(tags.Rows, 4),
  number(tags.Columns, 5),
  number(tags.BitsAllocated, 16),
  number(tags.BitsStored, 12),
  number(tags.HighBit, 11),
  number(tags.PixelRepresentation, 1),
]);
const native = Buffer.concat([header, element(tags.PixelData, 'OW', Buffer.alloc(80, 1))]);
// Pixel data in two fragments; one holds the bytes of a delimiter.
const encapsulated = Buffer.concat([
  header,
  hex('e07f 1000 4f42 0000 ffffffff feff 00e0 00000000 feff 00e0 04000000 01020304'),
  hex('feff 00e0 08000000 feffdde000000000 feff dde0 00000000'),
]);

const found = {
  specificCharacterSet: ['ISO_IR 100'],
  imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '1.2.3.4',
  studyInstanceUid: '1.2.3',
  seriesInstanceUid: '1.2.3.9',
  modality: 'CT',
  seriesNumber: 3,
  instanceNumber: 7,
  samplesPerPixel: 1,
  photometricInterpretation: 'MONOCHROME2',
  numberOfFrames: 2,
  rows: 4,
  columns: 5,
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 11,
  pixelRepresentation: 1,
};

function inEncoding(transferSyntaxUid: string): Buffer {
  const target = encodingOf(transferSyntaxUid);
  const bytes = joinRanges(splice(walkDataSet(native, explicitLittle), [], { target }));
  return transferSyntaxUid === deflatedUid ? deflateRawSync(bytes) : bytes;
}

function scan(bytes: Buffer, transferSyntaxUid: string, cuts: readonly number[] = []): ScannedHeader {
  const scanner = new HeaderScanner(transferSyntaxUid);
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    scanner.push(bytes.subarray(at, cut));
    at = Math.max(at, cut);
  }
  return scanner.finish();
}

const syntaxes = [implicitLittleUid, explicitLittleUid, explicitBigUid, deflatedUid];

describe('HeaderScanner', () => {
  test.for(syntaxes.map((uid) => ({ uid })))('finds the same elements in every transfer syntax: $uid', ({ uid }) => {
    const bytes = inEncoding(uid);

    expect(scan(bytes, uid)).toEqual({
      ...found,
      pixelData: { tag: tags.PixelData, declaredBytes: 80 },
      fault: undefined,
      sizeBytes: bytes.length,
    });
  });

  test('passes over fragments to their delimiter', () => {
    expect(scan(encapsulated, '1.2.840.10008.1.2.4.80')).toMatchObject({
      ...found,
      pixelData: { tag: tags.PixelData, declaredBytes: undefined },
      fault: undefined,
    });
  });

  test('knows a truncated data set by the length that its pixel data declare', () => {
    const cut = scan(native.subarray(0, -1), explicitLittleUid);

    expect(cut).toMatchObject({ ...found, fault: 'truncated', pixelData: { declaredBytes: 80 } });
  });

  test.for([
    { name: 'nothing', bytes: Buffer.alloc(0), fault: undefined },
    { name: 'garbage', bytes: Buffer.alloc(1000, 0xde), fault: 'opaque-tail' },
    { name: 'a header that is cut', bytes: header.subarray(0, -5), fault: 'truncated' },
    { name: 'fragments that are cut', bytes: encapsulated.subarray(0, -18), fault: 'truncated' },
    { name: 'fragments without their delimiter', bytes: encapsulated.subarray(0, -8), fault: 'undelimited' },
    { name: 'a header and nothing else', bytes: header, fault: undefined },
    { name: 'bytes behind the pixel data', bytes: Buffer.concat([native, Buffer.alloc(3)]), fault: undefined },
  ])('says $fault of $name', ({ bytes, fault }) => {
    expect(scan(bytes, explicitLittleUid).fault).toBe(fault);
  });

  test('a bomb of 100,000 nested sequences ends at the 65th, what came before is known', () => {
    const open = hex('0800 4011 5351 0000 ffffffff feff 00e0 ffffffff');
    const bomb = Buffer.concat([header, ...Array<Buffer>(100_000).fill(open)]);

    expect(scan(bomb, explicitLittleUid)).toMatchObject({ ...found, fault: 'too-deep' });
  });

  test('stops at the header limit and keeps what it found', () => {
    for (const step of [1, 100, native.length]) {
      const scanner = new HeaderScanner(explicitLittleUid, { maxHeaderBytes: 3000 });
      for (let at = 0; at < native.length; at += step) scanner.push(native.subarray(at, at + step));

      expect(scanner.finish()).toMatchObject({ sopInstanceUid: '1.2.3.4', rows: undefined, fault: 'header-too-long' });
    }
  });

  test('reads a known element that was sent as UN', () => {
    const unknown = Buffer.concat([element(tags.Modality, 'UN', Buffer.from('CT')), number(tags.Rows, 4)]);

    expect(scan(unknown, explicitLittleUid)).toMatchObject({ modality: 'CT', rows: 4 });
  });

  test('the first of two equal tags counts, and one inside a sequence never does', () => {
    const twice = Buffer.concat([sequence, text(tags.Modality, 'CS', 'CT'), text(tags.Modality, 'CS', 'MR')]);

    expect(scan(twice, explicitLittleUid)).toMatchObject({ modality: 'CT', sopInstanceUid: undefined });
  });
});

describe('HeaderScanner on deflated data sets', () => {
  test('a stream that grows to gigabytes is inflated to the limit only', () => {
    const zeros = Buffer.alloc(2 ** 20);
    // 40 MB of zeros behind a header, in one stream
    const bomb = deflateRawSync(Buffer.concat([header, element(tags.PixelData, 'OW', Buffer.alloc(0)), zeros, zeros]));
    const blind = deflateRawSync(Buffer.alloc(40 * 2 ** 20));

    expect(scan(bomb, deflatedUid)).toMatchObject(found);
    expect(scan(blind, deflatedUid)).toMatchObject({ sopInstanceUid: undefined, fault: 'header-too-long' });
  });

  test.for([
    { name: 'no deflate stream', bytes: Buffer.alloc(100, 0xff), fault: 'not-inflatable' },
    { name: 'a stream that ends early', bytes: deflateRawSync(header).subarray(0, -8), fault: 'not-inflatable' },
    { name: 'a whole stream with a cut data set', bytes: deflateRawSync(header.subarray(0, -1)), fault: 'truncated' },
    { name: 'a whole stream without pixel data', bytes: deflateRawSync(header), fault: undefined },
  ])('says $fault of $name', ({ bytes, fault }) => {
    expect(scan(bytes, deflatedUid).fault).toBe(fault);
  });
});

describe('any cut of the input', () => {
  test.for(syntaxes.map((uid) => ({ uid })))('byte by byte gives the same as whole: $uid', ({ uid }) => {
    const bytes = inEncoding(uid);
    const everywhere = Array.from(bytes.keys());

    expect(scan(bytes, uid, everywhere)).toEqual(scan(bytes, uid));
  });

  test('random cuts of whole and damaged data sets give the same as whole', () => {
    const damage = fc.record({
      syntax: fc.constantFrom(...syntaxes),
      source: fc.constantFrom('native', 'encapsulated'),
      cut: fc.nat(encapsulated.length),
      at: fc.nat(encapsulated.length),
      byte: fc.integer({ min: 0, max: 255 }),
      cuts: fc.array(fc.nat(encapsulated.length), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(damage, ({ syntax, source, cut, at, byte, cuts }) => {
        const whole = source === 'native' ? inEncoding(syntax) : Buffer.from(encapsulated);
        if (at < whole.length) whole[at] = byte;
        const bytes = whole.subarray(0, cut);
        const sorted = cuts.filter((each) => each < bytes.length).toSorted((a, b) => a - b);

        expect(scan(bytes, syntax, sorted)).toEqual(scan(bytes, syntax));
      }),
      { seed: 20_260_101, numRuns: 300 },
    );
  });

  test('any bytes are judged as the walker judges them', () => {
    const start = Buffer.concat([text(tags.Modality, 'CS', 'CT'), sequence]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(start.length), (tail, cut) => {
        const bytes = Buffer.concat([start.subarray(0, cut), tail]);

        expect(scan(bytes, explicitLittleUid).fault).toBe(walkDataSet(bytes, explicitLittle).fault);
      }),
      { seed: 20_260_101, numRuns: 500 },
    );
  });
});
