import dcmjs from 'dcmjs';
import dcmjsCodecs from 'dcmjs-codecs';
import { DicomError } from '../errors.ts';
import type { Codec } from '../transfer-syntax.ts';
import { decodeRle } from './rle.ts';

/** Codecs that have a decoder here. */
export type FrameCodec = Exclude<Codec, 'native' | 'unsupported'>;

/** What a decoder or encoder has to be told of one monochrome frame. */
interface FrameShape {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  readonly pixelRepresentation: 0 | 1;
}

/** Frame by frame, monochrome. One per thread: WebAssembly memory is not shared. */
export interface Codecs {
  /** The frame as words or bytes, little endian, rows × columns. @throws DicomError DICOM_CODEC_FAILED */
  decode(codec: FrameCodec, shape: FrameShape, encoded: Buffer): Promise<Buffer>;
  /** Lossless, never otherwise. @throws DicomError DICOM_CODEC_FAILED */
  encode(codec: FrameCodec, shape: FrameShape, decoded: Buffer): Promise<Buffer>;
}

type NativeContext = InstanceType<typeof dcmjsCodecs.Context>;
type Run = (context: NativeContext) => NativeContext;
type NativeCodec = Exclude<FrameCodec, 'rle'>;

const native = dcmjsCodecs.NativeCodecs;

// The bundle's methods use `this`, so each is called on its object.
const decoders: Readonly<Record<NativeCodec, Run>> = {
  jpeg: (context) => native.decodeJpeg(context, { convertColorspaceToRgb: false }),
  'jpeg-ls': (context) => native.decodeJpegLs(context),
  'jpeg-2000': (context) => native.decodeJpeg2000(context),
  htj2k: (context) => native.decodeHtJpeg2000(context),
};

const encoders: Readonly<Record<FrameCodec, Run>> = {
  rle: (context) => native.encodeRle(context),
  jpeg: (context) => native.encodeJpeg(context, { lossy: false, predictor: 1, pointTransform: 0 }),
  'jpeg-ls': (context) => native.encodeJpegLs(context, { lossy: false }),
  'jpeg-2000': (context) => native.encodeJpeg2000(context, { lossy: false }),
  htj2k: (context) => native.encodeHtJpeg2000(context, { lossy: false }),
};

/** WebAssembly memory grows and is never given back: beyond this much the instance is renewed. dicom-io.md 8.3. */
const renewAfterBytes = 2 ** 30;

/** Starts the codecs of this thread (dcmjs-codecs, WebAssembly), silent. Call once per worker. dicom-io.md 8.1. */
export async function openCodecs(): Promise<Codecs> {
  dcmjs.log.setLevel('silent');
  dcmjsCodecs.log.setLevel('silent');
  await instantiate();
  return new NativeCodecs();
}

async function instantiate(): Promise<void> {
  native.release();
  await native.initializeAsync({ logCodecsInfo: false, logCodecsTrace: false });
}

class NativeCodecs implements Codecs {
  #usedBytes = 0;
  #damaged = false;

  async decode(codec: FrameCodec, shape: FrameShape, encoded: Buffer): Promise<Buffer> {
    if (codec === 'rle') return decodeRle(encoded, shape.rows * shape.columns, shape.bitsAllocated / 8);
    const context = contextOf(shape, { encodedBuffer: encoded });
    const decoded = await this.#run(codec, () => decoders[codec](context).getDecodedBuffer());
    return areBytesOfWords(decoded, shape) ? widened(decoded, shape) : decoded;
  }

  async encode(codec: FrameCodec, shape: FrameShape, decoded: Buffer): Promise<Buffer> {
    const context = contextOf(encodedShape(codec, shape), { decodedBuffer: decoded });
    return this.#run(codec, () => encoders[codec](context).getEncodedBuffer());
  }

  /** Whatever the library or its WebAssembly throws, strings and numbers included, is our one error. */
  async #run(codec: FrameCodec, work: () => Uint8Array | undefined): Promise<Buffer> {
    await this.#renew();
    let bytes: Uint8Array | undefined;
    try {
      bytes = work();
    } catch (cause) {
      this.#damaged = true;
      throw new DicomError('DICOM_CODEC_FAILED', { codec }, { cause });
    }
    if (bytes === undefined) throw new DicomError('DICOM_CODEC_FAILED', { codec });
    this.#usedBytes += bytes.length;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A damaged frame can write over the memory of the instance: after a failure every later frame fails too. */
  async #renew(): Promise<void> {
    if (!this.#damaged && this.#usedBytes < renewAfterBytes) return;
    await instantiate();
    this.#damaged = false;
    this.#usedBytes = 0;
  }
}

/** A codestream of 8 bits or fewer decodes to bytes, although the header allocates words. */
function areBytesOfWords(decoded: Buffer, { rows, columns, bitsAllocated, bitsStored }: FrameShape): boolean {
  return bitsAllocated === 16 && bitsStored <= 8 && decoded.length === rows * columns;
}

function widened(bytes: Buffer, { pixelRepresentation }: FrameShape): Buffer {
  const samples = pixelRepresentation === 1 ? new Int8Array(bytes) : bytes;
  const words = pixelRepresentation === 1 ? Int16Array.from(samples) : Uint16Array.from(samples);
  return Buffer.from(words.buffer);
}

/**
 * Told of 8 bits or fewer, these encoders read bytes, although the pixels are words: their codestreams get 16 bits
 * then, as other writers do.
 */
function encodedShape(codec: FrameCodec, shape: FrameShape): FrameShape {
  const readsBytes = (codec === 'jpeg' || codec === 'jpeg-2000') && shape.bitsAllocated === 16 && shape.bitsStored <= 8;
  return readsBytes ? { ...shape, bitsStored: 16 } : shape;
}

function contextOf(shape: FrameShape, buffers: { encodedBuffer: Buffer } | { decodedBuffer: Buffer }): NativeContext {
  return new dcmjsCodecs.Context({
    width: shape.columns,
    height: shape.rows,
    bitsAllocated: shape.bitsAllocated,
    bitsStored: shape.bitsStored,
    samplesPerPixel: 1,
    pixelRepresentation: shape.pixelRepresentation,
    planarConfiguration: 0,
    photometricInterpretation: 'MONOCHROME2',
    ...buffers,
  });
}
