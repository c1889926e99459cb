import { expect, test } from 'vitest';
import type { FrameImage } from '../dicom/frame-images.ts';
import { parseUid } from '../dicom/uid.ts';
import { seriesScale } from './series-scale.ts';
import type { EarlierDerived } from './series-work.ts';

const task = 'mri-super-resolution';

/** A slice whose values rise evenly to `largest`. */
function slice(largest: number): FrameImage {
  return {
    sopInstanceUid: '1.2.3',
    frame: 1,
    rows: 32,
    columns: 32,
    stored: Uint16Array.from({ length: 1024 }, (_, at) => Math.round((largest * (at + 1)) / 1024)),
    slope: 1,
    intercept: 0,
    lowest: 0,
    highest: 65_535,
    padding: undefined,
    pixelSpacingMm: [1, 1],
    positionMm: 0,
  };
}

function earlier(scale: number, changes: Partial<EarlierDerived> = {}): EarlierDerived {
  const contextJson = JSON.stringify({ scale });
  return {
    sopInstanceUid: parseUid('2.25.1'),
    seriesInstanceUid: parseUid('2.25.2'),
    pixelDigest: '0'.repeat(64),
    task,
    contextJson,
    ...changes,
  };
}

const own = seriesScale([slice(1000)], task, []) ?? 0;

test('the scale of a series follows its values', () => {
  expect(own).toBeGreaterThan(900);
  expect(own).toBeLessThanOrEqual(1000);
});

test.for([0.92, 1.09])('a series keeps the scale of its earlier revision when that is %f of its own', (share) => {
  expect(seriesScale([slice(1000)], task, [earlier(own * share)])).toBe(own * share);
});

test.for([0.85, 1.2])('a series takes a scale of its own when the earlier one is %f of it', (share) => {
  expect(seriesScale([slice(1000)], task, [earlier(own * share)])).toBe(own);
});

test('what another task derived has no say', () => {
  expect(seriesScale([slice(1000)], task, [earlier(own * 0.95, { task: 'ct-denoising' })])).toBe(own);
});

test('a series without a positive value has no scale', () => {
  expect(seriesScale([slice(0)], task, [])).toBeUndefined();
});
