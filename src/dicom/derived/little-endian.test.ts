import { expect, test } from 'vitest';
import { walkDataSet } from '../data-set.ts';
import { readItems, readNumbers, readStrings } from '../element-values.ts';
import { tagOfKeyword } from '../tags.ts';
import { explicitBig, explicitLittle } from '../transfer-syntax.ts';
import { toLittleEndian } from './little-endian.ts';

// biome-ignore format: one element per line
const big = Buffer.from([
  0x00, 0x08, 0x00, 0x08, 0x43, 0x53, 0x00, 0x02, 0x41, 0x42, //                           (0008,0008) CS "AB"
  0x00, 0x08, 0x11, 0x40, 0x53, 0x51, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, //               (0008,1140) SQ undefined
  0xff, 0xfe, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x0a, //                                       item of 10 bytes
  0x00, 0x28, 0x00, 0x10, 0x55, 0x53, 0x00, 0x02, 0x01, 0x02, //                           (0028,0010) US 0x0102
  0xff, 0xfe, 0xe0, 0x00, 0xff, 0xff, 0xff, 0xff, //                                       item without length
  0x00, 0x28, 0x00, 0x11, 0x55, 0x53, 0x00, 0x02, 0x03, 0x04, //                           (0028,0011) US 0x0304
  0xff, 0xfe, 0xe0, 0x0d, 0x00, 0x00, 0x00, 0x00, //                                       end of item
  0xff, 0xfe, 0xe0, 0xdd, 0x00, 0x00, 0x00, 0x00, //                                       end of sequence
  0x00, 0x09, 0x10, 0x01, 0x55, 0x4e, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x11, 0x22, //   (0009,1001) UN
  0x00, 0x18, 0x93, 0x45, 0x46, 0x44, 0x00, 0x08, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, //         (0018,9345) FD 1.5
  0x00, 0x28, 0x00, 0x09, 0x41, 0x54, 0x00, 0x04, 0x00, 0x18, 0x10, 0x63, //               (0028,0009) AT (0018,1063)
  0x7f, 0xe0, 0x00, 0x10, 0x4f, 0x57, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x01, 0x00, 0x02, // OW 1, 2
]);

test('every number, tag and length is swapped by its VR, UN and text stay', () => {
  const little = toLittleEndian(walkDataSet(big, explicitBig));

  expect(little.encoding).toEqual(explicitLittle);
  expect(little.fault).toBeUndefined();
  expect(little.bytes).toHaveLength(big.length);
  expect(readStrings(little, tagOfKeyword('ImageType'))).toEqual(['AB']);
  expect(readItems(little, 0x00081140).map((item) => readNumbers(item, item.elements[0]?.tag ?? 0))).toEqual([
    [0x0102],
    [0x0304],
  ]);
  expect(readNumbers(little, 0x00189345)).toEqual([1.5]);
  expect(readNumbers(little, 0x00280009)).toEqual([0x00181063]);
  expect(little.bytes.includes(Buffer.from([0x11, 0x22]))).toBe(true);
  expect(little.bytes.subarray(-4)).toEqual(Buffer.from([1, 0, 2, 0]));
});

test('a little endian data set is given back as it is', () => {
  const dataSet = walkDataSet(Buffer.alloc(0), explicitLittle);

  expect(toLittleEndian(dataSet)).toBe(dataSet);
});

test('a length that runs past the end is refused', () => {
  const cut = big.subarray(0, big.length - 1);

  expect(() => toLittleEndian(walkDataSet(cut, explicitBig))).toThrow(
    expect.objectContaining({ code: 'DICOM_DATA_SET_FAULTY' }),
  );
});
