import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodePng, sideBySide, windowed } from './png.ts';

describe('encodePng', () => {
  test('writes the grey values row by row behind a filter byte', () => {
    const png = encodePng({ width: 2, height: 2, grey: Uint8Array.of(1, 2, 3, 4) });

    const start = png.indexOf('IDAT') + 4;
    expect([...inflateSync(png.subarray(start, png.length - 16))]).toEqual([0, 1, 2, 0, 3, 4]);
    expect(png.readUInt32BE(16)).toBe(2);
  });
});

describe('windowed', () => {
  test('black is at or below the window, white at or above it', () => {
    const picture = windowed([-200, -160, 100, 240, 999], { width: 5, height: 1 }, { low: -160, high: 240 });

    expect([...picture.grey]).toEqual([0, 0, 166, 255, 255]);
  });
});

describe('sideBySide', () => {
  test('keeps each picture whole, with white between them', () => {
    const one = { width: 1, height: 1, grey: Uint8Array.of(7) };

    expect(sideBySide([one, one])).toEqual({ width: 6, height: 1, grey: Uint8Array.of(7, 255, 255, 255, 255, 7) });
  });
});
