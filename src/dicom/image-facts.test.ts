import { describe, expect, test } from 'vitest';
import { walkDataSet } from './data-set.ts';
import { encodeElement } from './element-encoder.ts';
import { readFrameFacts, readImageFacts } from './image-facts.ts';
import { tags } from './tags.ts';
import { explicitLittle } from './transfer-syntax.ts';

type Written = readonly [tag: number, vr: string, value: string | Buffer];

function dataSet(elements: readonly Written[]): ReturnType<typeof walkDataSet> {
  const bytes = elements.flatMap(([tag, vr, value]) =>
    encodeElement(
      tag,
      vr,
      [typeof value === 'string' ? Buffer.from(value.padEnd(value.length + (value.length % 2))) : value],
      explicitLittle,
    ),
  );
  return walkDataSet(Buffer.concat(bytes), explicitLittle);
}

describe('readImageFacts', () => {
  test('padding of signed pixels that was written unsigned is read as signed', () => {
    const signed = dataSet([
      [tags.PixelRepresentation, 'US', Buffer.of(1, 0)],
      [tags.PixelPaddingValue, 'US', Buffer.of(0x30, 0xf8)], // 63536
    ]);

    expect(readImageFacts(signed).padding).toEqual({ first: -2000, last: -2000 });
  });

  test('a padding range has both ends, the smaller first', () => {
    const ranged = dataSet([
      [tags.PixelPaddingValue, 'US', Buffer.of(0xff, 0x0f)],
      [tags.PixelPaddingRangeLimit, 'US', Buffer.of(0xf0, 0x0f)],
    ]);

    expect(readImageFacts(ranged).padding).toEqual({ first: 4080, last: 4095 });
  });

  test('an image without any of it is one frame without padding', () => {
    expect(readImageFacts(dataSet([]))).toMatchObject({ frames: 1, padding: undefined, modality: '' });
  });
});

describe('readFrameFacts', () => {
  test('a classic image has its scale, spacing and position at the root', () => {
    const classic = dataSet([
      [tags.ImagePositionPatient, 'DS', '-10\\20\\-30.5'],
      [tags.ImageOrientationPatient, 'DS', '1\\0\\0\\0\\1\\0'],
      [tags.PixelSpacing, 'DS', '0.5\\0.75'],
      [tags.RescaleIntercept, 'DS', '-1024'],
      [tags.RescaleSlope, 'DS', '2'],
    ]);

    expect(readFrameFacts(classic, 0)).toEqual({
      slope: 2,
      intercept: -1024,
      pixelSpacingMm: [0.5, 0.75],
      positionMm: -30.5,
    });
  });

  test('absent: slope 1, intercept 0, the rest unknown', () => {
    expect(readFrameFacts(dataSet([]), 0)).toEqual({
      slope: 1,
      intercept: 0,
      pixelSpacingMm: undefined,
      positionMm: undefined,
    });
  });
});
