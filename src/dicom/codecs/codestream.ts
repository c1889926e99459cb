import type { FrameCodec } from './codecs.ts';

/** What a compressed frame says of itself. */
export interface CodestreamHeader {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  /** Bits per sample; RLE does not say, only how many bytes. */
  readonly precision: number | undefined;
  /** Only JPEG 2000 says. */
  readonly signed: boolean | undefined;
}

const readers: Readonly<Record<FrameCodec, (frame: Buffer) => CodestreamHeader | undefined>> = {
  rle: () => undefined,
  jpeg: readStartOfFrame,
  'jpeg-ls': readStartOfFrame,
  'jpeg-2000': readSiz,
  htj2k: readSiz,
};

/** The frame's own description, `undefined` when there is none that can be read (RLE has none at all). */
export function readCodestream(codec: FrameCodec, frame: Buffer): CodestreamHeader | undefined {
  return readers[codec](frame);
}

const soc = 0xff4f;
const siz = 0xff51;

/** SIZ is the first marker segment behind SOC (ISO/IEC 15444-1 A.5.1); component 0 speaks for all. */
function readSiz(frame: Buffer): CodestreamHeader | undefined {
  if (frame.length < 43 || frame.readUInt16BE(0) !== soc || frame.readUInt16BE(2) !== siz) return undefined;
  const depth = frame.readUInt8(42);
  return {
    columns: frame.readUInt32BE(8) - frame.readUInt32BE(16),
    rows: frame.readUInt32BE(12) - frame.readUInt32BE(20),
    components: frame.readUInt16BE(40),
    precision: (depth & 0x7f) + 1,
    signed: (depth & 0x80) !== 0,
  };
}

/** The first SOFn, or SOF55 of JPEG-LS (ISO/IEC 10918-1 B.2.2, 14495-1 C.2.2). */
function readStartOfFrame(frame: Buffer): CodestreamHeader | undefined {
  let at = 2;
  while (at + 9 < frame.length) {
    if (frame.readUInt8(at) !== 0xff) return undefined;
    const marker = frame.readUInt8(at + 1);
    if (isStartOfFrame(marker)) return startOfFrame(frame, at + 4);
    at += marker === 0xff ? 1 : 2 + frame.readUInt16BE(at + 2);
  }
  return undefined;
}

function startOfFrame(frame: Buffer, at: number): CodestreamHeader {
  return {
    precision: frame.readUInt8(at),
    rows: frame.readUInt16BE(at + 1),
    columns: frame.readUInt16BE(at + 3),
    components: frame.readUInt8(at + 5),
    signed: undefined,
  };
}

/** C0 to CF, but for DHT, JPG and DAC; F7 is JPEG-LS. */
function isStartOfFrame(marker: number): boolean {
  if (marker === 0xf7) return true;
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
