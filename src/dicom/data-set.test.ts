import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elementBytes, findElement, valueBytes, walkDataSet } from './data-set.ts';
import { readItems, readNumbers, readStrings } from './element-values.ts';
import { tags } from './tags.ts';
import { explicitBig, explicitLittle, implicitLittle } from './transfer-syntax.ts';

const hex = (text: string) => Buffer.from(text.replace(/#.*$/gm, '').replace(/\s/g, ''), 'hex');

// (0008,0060) CS "MR", (0028,0010) US 64
const explicitTwo = hex('0800 6000 4353 0200 4d52   2800 1000 5553 0200 4000');
const bigTwo = hex('0008 0060 4353 0002 4d52   0028 0010 5553 0002 0040');
const implicitTwo = hex('0800 6000 02000000 4d52   2800 1000 02000000 4000');

// (0040,0275) SQ undefined { item undefined { (0008,0060) CS "CT" } }, then (0040,A730) empty SQ
const sequence = hex(`4000 7502 5351 0000 ffffffff   feff 00e0 ffffffff   0800 6000 4353 0200 4354
  feff 0de0 00000000   feff dde0 00000000   4000 30a7 5351 0000 00000000`);

describe('walkDataSet', () => {
  test.for([
    { name: 'explicit little endian', bytes: explicitTwo, encoding: explicitLittle },
    { name: 'explicit big endian', bytes: bigTwo, encoding: explicitBig },
    { name: 'implicit little endian', bytes: implicitTwo, encoding: implicitLittle },
  ])('reads tags, VRs and values in $name', ({ bytes, encoding }) => {
    const dataSet = walkDataSet(bytes, encoding);

    expect(dataSet.elements.map((element) => [element.tag, element.vr])).toEqual([
      [tags.Modality, 'CS'],
      [tags.Rows, 'US'],
    ]);
    expect(readStrings(dataSet, tags.Modality)).toEqual(['MR']);
    expect(readNumbers(dataSet, tags.Rows)).toEqual([64]);
    expect(dataSet.fault).toBeUndefined();
  });

  test('follows sequences of undefined length to their end and gives their items', () => {
    const dataSet = walkDataSet(sequence, explicitLittle);

    const [first, second] = dataSet.elements;
    expect([first?.undefinedLength, first?.lengthBytes, first?.end]).toEqual([true, 26, 46]);
    expect([second?.undefinedLength, second?.lengthBytes]).toEqual([false, 0]);
    expect(readItems(dataSet, 0x00400275).map((item) => readStrings(item, tags.Modality))).toEqual([['CT']]);
    expect(readItems(dataSet, 0x0040a730)).toEqual([]);
  });

  test('reads a UN of undefined length as implicit little endian inside, whatever the data set', () => {
    const unknown = hex(`0009 1001 554e 0000 ffffffff   feff 00e0 0a000000   0800 6000 02000000 4354
      feff dde0 00000000   0028 0010 5553 0002 0040`);

    const dataSet = walkDataSet(unknown, explicitBig);

    expect(dataSet.elements.map((element) => element.tag)).toEqual([0x00091001, tags.Rows]);
    expect(readItems(dataSet, 0x00091001).map((item) => readStrings(item, tags.Modality))).toEqual([['CT']]);
  });

  test('passes over fragments by their lengths, not by looking for a delimiter', () => {
    const pixels = hex(`e07f 1000 4f42 0000 ffffffff   feff 00e0 00000000
      feff 00e0 0a000000   feff dde0 00000000 0102   feff dde0 00000000`);

    const dataSet = walkDataSet(pixels, explicitLittle);

    expect(dataSet.fault).toBeUndefined();
    expect(dataSet.elements[0]?.end).toBe(pixels.length);
  });

  test('marks a tag that is smaller than the one before it', () => {
    const swapped = Buffer.concat([explicitTwo.subarray(10), explicitTwo.subarray(0, 10)]);

    expect(walkDataSet(swapped, explicitLittle)).toMatchObject({ unsorted: true, fault: undefined });
    expect(walkDataSet(explicitTwo, explicitLittle).unsorted).toBe(false);
  });

  test.for([
    { name: 'a header that is cut', bytes: explicitTwo.subarray(0, 14), fault: 'truncated', elements: 1 },
    { name: 'a value that is cut', bytes: explicitTwo.subarray(0, 19), fault: 'truncated', elements: 1 },
    { name: 'a sequence without its delimiter', bytes: sequence.subarray(0, 38), fault: 'truncated', elements: 0 },
    { name: 'a delimiter at top level', bytes: sequence.subarray(30), fault: 'opaque-tail', elements: 0 },
    {
      name: 'garbage',
      bytes: Buffer.concat([explicitTwo, Buffer.alloc(50, 0xde)]),
      fault: 'opaque-tail',
      elements: 2,
    },
  ])('stops at $name and says $fault', ({ bytes, fault, elements }) => {
    const dataSet = walkDataSet(bytes, explicitLittle);

    expect([dataSet.fault, dataSet.elements.length]).toEqual([fault, elements]);
  });

  test.for([
    { depth: 64, fault: undefined },
    { depth: 65, fault: 'too-deep' },
    { depth: 100_000, fault: 'too-deep' },
  ])('follows 64 levels of sequences and no more: $depth', ({ depth, fault }) => {
    const open = hex('4000 7502 5351 0000 ffffffff feff 00e0 ffffffff');
    const close = hex('feff 0de0 00000000 feff dde0 00000000');
    const bomb = Buffer.concat([...Array<Buffer>(depth).fill(open), ...Array<Buffer>(depth).fill(close)]);

    expect(walkDataSet(bomb, explicitLittle).fault).toBe(fault);
  });

  test('keeps an element whose VR bytes are no letters, with a length of four bytes', () => {
    const odd = hex('1100 0110 04000000 01020304   2800 1000 5553 0200 4000');

    const dataSet = walkDataSet(odd, explicitLittle);

    expect(dataSet.elements.map((element) => [element.tag, element.lengthBytes])).toEqual([
      [0x00111001, 4],
      [tags.Rows, 2],
    ]);
  });

  test('reads US or SS elements of implicit data sets by Pixel Representation', () => {
    const pixelPadding = hex('2800 0301 02000000 0100   2800 2001 02000000 30f8');

    expect(readNumbers(walkDataSet(pixelPadding, implicitLittle), tags.PixelPaddingValue)).toEqual([-2000]);
    expect(readNumbers(walkDataSet(pixelPadding.subarray(10), implicitLittle), tags.PixelPaddingValue)).toEqual([
      63_536,
    ]);
  });

  test('any bytes give elements that lie one behind the other, and views of them', () => {
    const encodings = fc.constantFrom(explicitLittle, explicitBig, implicitLittle);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), encodings, (bytes, encoding) => {
        const dataSet = walkDataSet(Buffer.concat([explicitTwo, bytes]), encoding);
        let at = 0;
        for (const element of dataSet.elements) {
          expect(element.headerOffset).toBe(at);
          expect(valueBytes(dataSet, element)).toHaveLength(element.lengthBytes);
          at = element.end;
        }
        expect(dataSet.fault === undefined).toBe(at === dataSet.bytes.length);
        for (const { tag } of dataSet.elements) readItems(dataSet, tag);
      }),
      { seed: 20_260_101 },
    );
  });

  test('an element is found with its own bytes', () => {
    const dataSet = walkDataSet(explicitTwo, explicitLittle);
    const rows = findElement(dataSet, tags.Rows);

    expect(rows && elementBytes(dataSet, rows)).toEqual(explicitTwo.subarray(10));
    expect(findElement(dataSet, tags.Columns)).toBeUndefined();
  });
});
