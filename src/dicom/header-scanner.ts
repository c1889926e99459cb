import { type ElementHeader, resolveVr, undefinedLength } from './element-header.ts';
import { type ElementSink, ElementStream, type StreamFault } from './element-stream.ts';
import { decodeNumbers, decodeStrings } from './element-values.ts';
import { inflateBeginning } from './inflate-beginning.ts';
import { tags, vrOfTag } from './tags.ts';
import { deflatedUid, type Encoding, encodingOf } from './transfer-syntax.ts';

/** What the receive path knows of an object while its bytes pass. Texts as sent, unchecked: parse UIDs before use. */
export interface ScannedHeader {
  readonly sopClassUid: string | undefined;
  readonly sopInstanceUid: string | undefined;
  readonly studyInstanceUid: string | undefined;
  readonly seriesInstanceUid: string | undefined;
  readonly modality: string | undefined;
  readonly specificCharacterSet: readonly string[];
  readonly imageType: readonly string[];
  readonly seriesNumber: number | undefined;
  readonly instanceNumber: number | undefined;
  readonly samplesPerPixel: number | undefined;
  readonly photometricInterpretation: string | undefined;
  readonly numberOfFrames: number | undefined;
  readonly rows: number | undefined;
  readonly columns: number | undefined;
  readonly bitsAllocated: number | undefined;
  readonly bitsStored: number | undefined;
  readonly highBit: number | undefined;
  readonly pixelRepresentation: number | undefined;
  /** (7FE0,0008), (7FE0,0009) or (7FE0,0010), and the length it declares; `undefined` length: fragments. */
  readonly pixelData: { readonly tag: number; readonly declaredBytes: number | undefined } | undefined;
  /** Why the bytes are not a whole data set, or why its header was not read to the end. */
  readonly fault: StreamFault | 'not-inflatable' | undefined;
  /** Data set bytes that were pushed. */
  readonly sizeBytes: number;
}

export interface ScanLimits {
  /** Header bytes, inflated where deflated, before pixel data; what follows is not looked at. */
  readonly maxHeaderBytes: number;
  /** Deepest nesting of sequences that is followed; 64 without it. */
  readonly maxNesting?: number;
}

// biome-ignore format: the list of dicom-io.md 3.6.3
const wantedTags: ReadonlySet<number> = new Set([
  tags.SopClassUid, tags.SopInstanceUid, tags.StudyInstanceUid, tags.SeriesInstanceUid, tags.Modality,
  tags.SpecificCharacterSet, tags.ImageType, tags.SeriesNumber, tags.InstanceNumber, tags.SamplesPerPixel,
  tags.PhotometricInterpretation, tags.NumberOfFrames, tags.Rows, tags.Columns, tags.BitsAllocated, tags.BitsStored,
  tags.HighBit, tags.PixelRepresentation,
]);

const longestWantedBytes = 4096;
/** Headers deflate to a tenth and less: this is as good as the header limit. */
const keptDeflatedBytes = 2 ** 19;

/**
 * Reads the few elements that receiving needs while the data set streams past, cut anywhere; any transfer syntax.
 * Push views as they come (they are not kept), then `finish` once. Never throws: what is wrong is the `fault`.
 * A deflated data set is inflated up to the header limit only. dicom-io.md 3.4, 3.6.3.
 */
export class HeaderScanner {
  readonly #encoding: Encoding;
  readonly #found = new FoundElements();
  readonly #stream: ElementStream;
  readonly #limits: ScanLimits;
  readonly #deflated: DeflatedStart | undefined;
  #sizeBytes = 0;

  constructor(transferSyntaxUid: string, limits: ScanLimits = { maxHeaderBytes: 4 * 2 ** 20 }) {
    this.#encoding = encodingOf(transferSyntaxUid);
    this.#limits = limits;
    this.#stream = new ElementStream(this.#encoding, this.#found, limits);
    this.#deflated = transferSyntaxUid === deflatedUid ? new DeflatedStart() : undefined;
  }

  push(view: Buffer): void {
    this.#sizeBytes += view.length;
    if (this.#deflated === undefined) this.#stream.push(view);
    else this.#deflated.push(view);
  }

  finish(): ScannedHeader {
    const fault = this.#deflated === undefined ? this.#stream.end() : this.#inflate(this.#deflated);
    return {
      ...describe(this.#found, this.#encoding),
      pixelData: this.#found.pixels,
      fault,
      sizeBytes: this.#sizeBytes,
    };
  }

  #inflate(start: DeflatedStart): ScannedHeader['fault'] {
    const { maxHeaderBytes: maxBytes } = this.#limits;
    const end = inflateBeginning(start.bytes(), { isWhole: start.isWhole, maxBytes }, (more) => {
      this.#stream.push(more);
      return this.#stream.done || this.#found.pixels !== undefined ? 'enough' : 'more';
    });
    if (end === 'whole' || this.#stream.done) return this.#stream.end();
    if (end === 'broken') return 'not-inflatable';
    return end === 'limit' ? 'header-too-long' : undefined;
  }
}

/** The first bytes of a deflated stream, kept until the last has come. */
class DeflatedStart {
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #whole = true;

  get isWhole(): boolean {
    return this.#whole;
  }

  push(view: Buffer): void {
    const room = keptDeflatedBytes - this.#keptBytes;
    if (view.length > room) this.#whole = false;
    if (room === 0) return;
    // A copy: the view's memory is the socket's.
    const kept = Buffer.from(view.subarray(0, room));
    this.#kept.push(kept);
    this.#keptBytes += kept.length;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#kept);
  }
}

class FoundElements implements ElementSink {
  readonly #values = new Map<number, { readonly vr: string; readonly bytes: Buffer }>();
  pixels: ScannedHeader['pixelData'];

  wants({ tag, declaredBytes }: ElementHeader): boolean {
    return wantedTags.has(tag) && declaredBytes <= longestWantedBytes && !this.#values.has(tag);
  }

  value({ tag, vr }: ElementHeader, bytes: Buffer): void {
    this.#values.set(tag, { vr: vr === 'UN' ? vrOfTag(tag) : resolveVr(vr, false), bytes });
  }

  pixelData({ tag, declaredBytes }: ElementHeader): void {
    this.pixels = { tag, declaredBytes: declaredBytes === undefinedLength ? undefined : declaredBytes };
  }

  strings(tag: number, encoding: Encoding): readonly string[] {
    const found = this.#values.get(tag);
    return found === undefined ? [] : decodeStrings(found.vr, found.bytes, encoding.littleEndian);
  }

  number(tag: number, encoding: Encoding): number | undefined {
    const found = this.#values.get(tag);
    const first = found && decodeNumbers(found.vr, found.bytes, encoding.littleEndian)[0];
    return Number.isFinite(first) ? first : undefined;
  }
}

function describe(found: FoundElements, encoding: Encoding): Omit<ScannedHeader, 'pixelData' | 'fault' | 'sizeBytes'> {
  const text = (tag: number): string | undefined => found.strings(tag, encoding)[0];
  const number = (tag: number): number | undefined => found.number(tag, encoding);
  return {
    sopClassUid: text(tags.SopClassUid),
    sopInstanceUid: text(tags.SopInstanceUid),
    studyInstanceUid: text(tags.StudyInstanceUid),
    seriesInstanceUid: text(tags.SeriesInstanceUid),
    modality: text(tags.Modality),
    specificCharacterSet: found.strings(tags.SpecificCharacterSet, encoding),
    imageType: found.strings(tags.ImageType, encoding),
    seriesNumber: number(tags.SeriesNumber),
    instanceNumber: number(tags.InstanceNumber),
    samplesPerPixel: number(tags.SamplesPerPixel),
    photometricInterpretation: text(tags.PhotometricInterpretation),
    numberOfFrames: number(tags.NumberOfFrames),
    rows: number(tags.Rows),
    columns: number(tags.Columns),
    bitsAllocated: number(tags.BitsAllocated),
    bitsStored: number(tags.BitsStored),
    highBit: number(tags.HighBit),
    pixelRepresentation: number(tags.PixelRepresentation),
  };
}
