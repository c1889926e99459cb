import { describe, expect, test } from 'vitest';
import { decodeRle } from './rle.ts';

/** A frame of one segment per list of bytes (PS3.5 G.5). */
function frame(...segments: readonly (readonly number[])[]): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(segments.length, 0);
  let offset = 64;
  for (const [index, segment] of segments.entries()) {
    header.writeUInt32LE(offset, 4 + index * 4);
    offset += segment.length;
  }
  return Buffer.concat([header, ...segments.map((segment) => Buffer.from(segment))]);
}

const three = [2, 7, 8, 9];
const zeros = [254, 0];

describe('decodeRle', () => {
  test.for([
    { name: 'a literal run', frame: frame(three), bytesPerPixel: 1, decoded: [7, 8, 9] },
    { name: 'a replicate run', frame: frame([254, 5]), bytesPerPixel: 1, decoded: [5, 5, 5] },
    { name: 'most significant byte first', frame: frame(zeros, three), bytesPerPixel: 2, decoded: [7, 0, 8, 0, 9, 0] },
    { name: 'a control byte that means nothing', frame: frame([128, ...three]), bytesPerPixel: 1, decoded: [7, 8, 9] },
    { name: 'padding behind the last run', frame: frame([...three, 0, 0]), bytesPerPixel: 1, decoded: [7, 8, 9] },
  ])('reads $name', ({ frame: encoded, bytesPerPixel, decoded }) => {
    expect([...decodeRle(encoded, 3, bytesPerPixel)]).toEqual(decoded);
  });

  test.for([
    { name: 'too few pixels', frame: frame([1, 7, 8]), code: 'DICOM_CODESTREAM_DIFFERS' },
    { name: 'more pixels in another run', frame: frame([...three, ...three]), code: 'DICOM_CODESTREAM_DIFFERS' },
    { name: 'a run past the last pixel', frame: frame([3, 7, 8, 9, 1]), code: 'DICOM_CODEC_FAILED' },
    { name: 'a literal run past the segment', frame: frame([2, 7]), code: 'DICOM_CODEC_FAILED' },
    { name: 'a replicate run without its byte', frame: frame([254]), code: 'DICOM_CODEC_FAILED' },
    { name: 'another number of segments', frame: frame(three, three), code: 'DICOM_CODESTREAM_DIFFERS' },
    { name: 'no header', frame: Buffer.alloc(10), code: 'DICOM_CODEC_FAILED' },
    { name: 'segments that are not there', frame: frame(three).fill(0xff, 4, 8), code: 'DICOM_CODEC_FAILED' },
  ])('refuses $name with $code', ({ frame: encoded, code }) => {
    expect(() => decodeRle(encoded, 3, 1)).toThrow(expect.objectContaining({ code }));
  });
});
