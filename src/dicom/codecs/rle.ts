import { DicomError } from '../errors.ts';

const headerBytes = 64;
const maxSegments = 15;

/**
 * Decodes one monochrome RLE frame (PS3.5 annex G): a segment per byte of a pixel, most significant first. Each
 * segment has to give exactly as many bytes as there are pixels. dcmjs-codecs fills what is missing with zeros and
 * says nothing, which would put black pixels into images; so this codec is ours.
 * @throws DicomError DICOM_CODESTREAM_DIFFERS · DICOM_CODEC_FAILED
 */
export function decodeRle(encoded: Buffer, pixels: number, bytesPerPixel: number): Buffer {
  const segments = readSegments(encoded);
  if (segments.length !== bytesPerPixel) {
    throw new DicomError('DICOM_CODESTREAM_DIFFERS', { segments: segments.length, bytesPerPixel });
  }
  const decoded = Buffer.alloc(pixels * bytesPerPixel);
  for (const [index, segment] of segments.entries()) {
    unpackSegment(segment, decoded, { first: bytesPerPixel - 1 - index, step: bytesPerPixel, count: pixels });
  }
  return decoded;
}

/** The header is a count and 15 offsets, 4 bytes each, little endian. */
function readSegments(encoded: Buffer): readonly Buffer[] {
  const count = encoded.length < headerBytes ? 0 : encoded.readUInt32LE(0);
  if (count < 1 || count > maxSegments) throw new DicomError('DICOM_CODEC_FAILED', { codec: 'rle', segments: count });
  const starts = Array.from({ length: count }, (_, index) => encoded.readUInt32LE(4 + index * 4));
  const ends = [...starts.slice(1), encoded.length];
  return starts.map((start, index) => {
    const end = ends[index] ?? 0;
    if (start < headerBytes || start > end || end > encoded.length) {
      throw new DicomError('DICOM_CODEC_FAILED', { codec: 'rle', offset: start });
    }
    return encoded.subarray(start, end);
  });
}

interface Places {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** PackBits: n < 128 copies n + 1 bytes, n > 128 repeats the next byte 257 − n times, 128 is nothing. A hot loop. */
function unpackSegment(segment: Buffer, into: Buffer, { first, step, count }: Places): void {
  let at = 0;
  let done = 0;
  while (done < count && at < segment.length) {
    const control = segment[at] ?? 128;
    at += 1;
    if (control === 128) continue;
    const run = control < 128 ? control + 1 : 257 - control;
    const available = control < 128 ? segment.length - at : Math.min(1, segment.length - at) * run;
    if (run > count - done || run > available) throw new DicomError('DICOM_CODEC_FAILED', { codec: 'rle', offset: at });
    for (let byte = 0; byte < run; byte += 1) {
      into[first + (done + byte) * step] = segment[control < 128 ? at + byte : at] ?? 0;
    }
    at += control < 128 ? run : 1;
    done += run;
  }
  if (done < count) throw new DicomError('DICOM_CODESTREAM_DIFFERS', { codec: 'rle', found: done, needed: count });
  if (segment.length - at > 1) refuseMore(segment.subarray(at));
}

/** Behind the last run only padding may stand: a segment that goes on belongs to a larger image. */
function refuseMore(rest: Buffer): void {
  if (rest.some((byte) => byte !== 0 && byte !== 128)) {
    throw new DicomError('DICOM_CODESTREAM_DIFFERS', { codec: 'rle', restBytes: rest.length });
  }
}
