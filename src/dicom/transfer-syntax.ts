import type { TransferSyntaxUid } from './uid.ts';
import { parseUid } from './uid.ts';

/** How tags, lengths and numbers of a data set are written (PS3.5 annex A). */
export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

export const implicitLittle: Encoding = { explicit: false, littleEndian: true };
export const explicitLittle: Encoding = { explicit: true, littleEndian: true };
export const explicitBig: Encoding = { explicit: true, littleEndian: false };

/** Which decoder reads the frames; `native` has none, `unsupported` is stored and forwarded, never decoded. */
export type Codec = 'native' | 'rle' | 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k' | 'unsupported';

export interface TransferSyntax {
  readonly uid: TransferSyntaxUid;
  readonly name: string;
  readonly encoding: Encoding;
  /** Pixel data are encapsulated in fragments. */
  readonly compressed: boolean;
  /** The data set itself is deflated (PS3.5 A.5). */
  readonly deflated: boolean;
  readonly codec: Codec;
  /** Every image in it is lossless. False: it may be lossy, and (0028,2110) has to say so. */
  readonly lossless: boolean;
}

const root = '1.2.840.10008.1.2';

function native(suffix: string, name: string, encoding: Encoding): TransferSyntax {
  const deflated = suffix === '.1.99';
  return { uid: parseUid(root + suffix), name, encoding, compressed: false, deflated, codec: 'native', lossless: true };
}

function lossless(suffix: string, name: string, codec: Codec): TransferSyntax {
  const uid = parseUid<TransferSyntaxUid>(root + suffix);
  return { uid, name, encoding: explicitLittle, compressed: true, deflated: false, codec, lossless: true };
}

function lossy(suffix: string, name: string, codec: Codec): TransferSyntax {
  return { ...lossless(suffix, name, codec), lossless: false };
}

/** Every transfer syntax that is known by name. PS3.6 table A-1; retired ones are named so that a refusal can be. */
export const transferSyntaxes: readonly TransferSyntax[] = [
  native('', 'Implicit VR Little Endian', implicitLittle),
  native('.1', 'Explicit VR Little Endian', explicitLittle),
  native('.1.99', 'Deflated Explicit VR Little Endian', explicitLittle),
  native('.2', 'Explicit VR Big Endian', explicitBig),
  lossless('.5', 'RLE Lossless', 'rle'),
  lossy('.4.50', 'JPEG Baseline (Process 1)', 'jpeg'),
  lossy('.4.51', 'JPEG Extended (Process 2 and 4)', 'jpeg'),
  lossy('.4.53', 'JPEG Spectral Selection (Process 6 and 8), retired', 'unsupported'),
  lossy('.4.55', 'JPEG Full Progression (Process 10 and 12), retired', 'unsupported'),
  lossless('.4.57', 'JPEG Lossless (Process 14)', 'jpeg'),
  lossless('.4.70', 'JPEG Lossless, First-Order Prediction', 'jpeg'),
  lossless('.4.80', 'JPEG-LS Lossless', 'jpeg-ls'),
  lossy('.4.81', 'JPEG-LS Near-Lossless', 'jpeg-ls'),
  lossless('.4.90', 'JPEG 2000 Lossless Only', 'jpeg-2000'),
  lossy('.4.91', 'JPEG 2000', 'jpeg-2000'),
  lossless('.4.201', 'HTJ2K Lossless Only', 'htj2k'),
  lossless('.4.202', 'HTJ2K Lossless Only with RPCL', 'htj2k'),
  // Two decoders gave different pixels: not decoded until a third has spoken (dicom-io.md 8.1).
  lossy('.4.203', 'HTJ2K', 'unsupported'),
  lossless('.8.1', 'Deflated Image Frame Compression', 'unsupported'),
];

const byUid = new Map<string, TransferSyntax>(transferSyntaxes.map((syntax) => [syntax.uid, syntax]));

/** The table row of a UID, `undefined` when unknown. */
export function findTransferSyntax(uid: string): TransferSyntax | undefined {
  return byUid.get(uid);
}

/** How a data set of this syntax is encoded; unknown syntaxes are explicit little endian (PS3.5 A.4). */
export function encodingOf(uid: string): Encoding {
  return byUid.get(uid)?.encoding ?? explicitLittle;
}

export const implicitLittleUid = parseUid<TransferSyntaxUid>(root);
export const explicitLittleUid = parseUid<TransferSyntaxUid>(`${root}.1`);
export const deflatedUid = parseUid<TransferSyntaxUid>(`${root}.1.99`);
export const explicitBigUid = parseUid<TransferSyntaxUid>(`${root}.2`);
export const rleUid = parseUid<TransferSyntaxUid>(`${root}.5`);
export const jpegLosslessUid = parseUid<TransferSyntaxUid>(`${root}.4.70`);
export const jpegLsUid = parseUid<TransferSyntaxUid>(`${root}.4.80`);
export const jpeg2000LosslessUid = parseUid<TransferSyntaxUid>(`${root}.4.90`);
export const htj2kLosslessUid = parseUid<TransferSyntaxUid>(`${root}.4.201`);
