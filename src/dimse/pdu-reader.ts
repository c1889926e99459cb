import { BoundedBuffer } from './bounded-buffer.ts';
import { DimseError } from './errors.ts';
import type { ControlPduType, PduType } from './pdu.ts';
import {
  associateFixedBytes,
  controlCommand,
  controlLast,
  isPduType,
  pduHeaderBytes,
  pduTypes,
  pdvHeaderBytes,
} from './pdu.ts';

export interface PduLimits {
  /** Longest P-DATA-TF that we read, whatever was negotiated. */
  readonly pDataBytes: number;
  /** Longest A-ASSOCIATE-RQ or -AC that we read. */
  readonly associateRqBytes: number;
}

export interface PduHeader {
  readonly type: PduType;
  /** Bytes after the header. */
  readonly lengthBytes: number;
}

/** What the reader makes of a byte stream, in the order in which it comes. */
export type Frame =
  /** The header of every PDU, before any of its body: the place to refuse it. */
  | ({ readonly kind: 'header' } & PduHeader)
  /** A whole PDU other than P-DATA-TF, with its header. */
  | { readonly kind: 'pdu'; readonly type: ControlPduType; readonly bytes: Buffer }
  /** A part of a PDV's value, as much as has come; `value` is a view, valid as long as it is held. */
  | {
      readonly kind: 'fragment';
      readonly contextId: number;
      readonly isCommand: boolean;
      /** The command set or data set ends with this part. */
      readonly isLast: boolean;
      readonly value: Buffer;
    };

/**
 * Reads the fixed header of a PDU (PS3.8 9.3.1). `undefined` until six bytes are there; consumes nothing.
 * @throws DimseError DIMSE_UNRECOGNIZED_PDU · DIMSE_PDU_TOO_LONG · DIMSE_PDU_BAD_LENGTH against our own limits
 */
export function readPduHeader(bytes: Buffer, limits: PduLimits): PduHeader | undefined {
  if (bytes.length < pduHeaderBytes) return undefined;
  const type = bytes.readUInt8(0);
  const lengthBytes = bytes.readUInt32BE(2);
  if (!isPduType(type)) throw new DimseError('DIMSE_UNRECOGNIZED_PDU', { type });
  const { minBytes, maxBytes } = lengthsOf(type, limits);
  if (lengthBytes > maxBytes) throw new DimseError('DIMSE_PDU_TOO_LONG', { type, lengthBytes, maxBytes });
  if (lengthBytes < minBytes) throw new DimseError('DIMSE_PDU_BAD_LENGTH', { type, lengthBytes, minBytes });
  return { type, lengthBytes };
}

function lengthsOf(type: PduType, limits: PduLimits): { readonly minBytes: number; readonly maxBytes: number } {
  if (type === pduTypes.pData) return { minBytes: pdvHeaderBytes, maxBytes: limits.pDataBytes };
  if (type === pduTypes.associateRq || type === pduTypes.associateAc) {
    return { minBytes: associateFixedBytes + 4, maxBytes: limits.associateRqBytes };
  }
  return { minBytes: 4, maxBytes: 4 };
}

interface PdvHeader {
  readonly contextId: number;
  readonly isCommand: boolean;
  readonly isLast: boolean;
  readonly valueBytes: number;
}

function readPdvHeader(bytes: Buffer, leftBytes: number): PdvHeader {
  const lengthBytes = bytes.readUInt32BE(0);
  if (lengthBytes < 2 || lengthBytes > leftBytes - 4) {
    throw new DimseError('DIMSE_PDV_BAD_LENGTH', { lengthBytes, leftBytes });
  }
  const control = bytes.readUInt8(5);
  return {
    contextId: bytes.readUInt8(4),
    isCommand: (control & controlCommand) !== 0,
    isLast: (control & controlLast) !== 0,
    valueBytes: lengthBytes - 2,
  };
}

type Phase =
  | { readonly in: 'pdu-header' }
  | {
      readonly in: 'control-body';
      readonly type: ControlPduType;
      readonly header: Buffer;
      readonly lengthBytes: number;
    }
  | { readonly in: 'pdv-header' }
  | { readonly in: 'pdv-value'; readonly pdv: PdvHeader };

/**
 * Cuts a byte stream into frames without copying values (PS3.8 9.3). Pure: it owns bytes, no socket and no clock.
 * `feed` a chunk, then call `next` until it gives `undefined`; stop in between to hold the peer back.
 * After it threw, the stream has no meaning any more.
 */
export class PduReader {
  readonly #limits: PduLimits;
  /** The beginning of a header or of a control PDU that came in pieces. */
  readonly #gathered = new BoundedBuffer();
  #chunk: Buffer = Buffer.alloc(0);
  #phase: Phase = { in: 'pdu-header' };
  /** What is left of the P-DATA-TF, and of the PDV in it. */
  #pduLeftBytes = 0;
  #pdvLeftBytes = 0;

  constructor(limits: PduLimits) {
    this.#limits = limits;
  }

  /** Whether a PDU has begun and not ended: its next byte is owed to us. */
  get midPdu(): boolean {
    return this.#phase.in !== 'pdu-header' || this.#gathered.length > 0 || this.#chunk.length > 0;
  }

  /** Takes the next bytes of the stream; the chunk must not change while frames of it are in use. */
  feed(chunk: Buffer): void {
    this.#chunk = this.#chunk.length === 0 ? chunk : Buffer.concat([this.#chunk, chunk]);
  }

  /**
   * The next frame, or `undefined` when more bytes are needed.
   * @throws DimseError DIMSE_UNRECOGNIZED_PDU · DIMSE_PDU_TOO_LONG · DIMSE_PDU_BAD_LENGTH · DIMSE_PDV_BAD_LENGTH
   */
  next(): Frame | undefined {
    const phase = this.#phase;
    if (phase.in === 'pdv-value') return this.#pdvValue(phase.pdv);
    if (phase.in === 'pdv-header') return this.#pdvHeader();
    if (phase.in === 'control-body') return this.#controlBody(phase.type, phase.header, phase.lengthBytes);
    return this.#pduHeader();
  }

  #pduHeader(): Frame | undefined {
    const bytes = this.#whole(pduHeaderBytes);
    const header = bytes && readPduHeader(bytes, this.#limits);
    if (!bytes || !header) return undefined;
    const { type, lengthBytes } = header;
    if (type === pduTypes.pData) {
      this.#pduLeftBytes = lengthBytes;
      this.#phase = { in: 'pdv-header' };
    } else {
      this.#phase = { in: 'control-body', type, header: bytes, lengthBytes };
    }
    return { kind: 'header', type, lengthBytes };
  }

  #controlBody(type: ControlPduType, header: Buffer, lengthBytes: number): Frame | undefined {
    const body = this.#whole(lengthBytes);
    if (!body) return undefined;
    this.#phase = { in: 'pdu-header' };
    return { kind: 'pdu', type, bytes: Buffer.concat([header, body]) };
  }

  #pdvHeader(): Frame | undefined {
    if (this.#pduLeftBytes < pdvHeaderBytes) {
      throw new DimseError('DIMSE_PDV_BAD_LENGTH', { leftBytes: this.#pduLeftBytes });
    }
    const bytes = this.#whole(pdvHeaderBytes);
    if (!bytes) return undefined;
    const pdv = readPdvHeader(bytes, this.#pduLeftBytes);
    this.#pduLeftBytes -= pdvHeaderBytes;
    this.#pdvLeftBytes = pdv.valueBytes;
    this.#phase = { in: 'pdv-value', pdv };
    return this.#pdvValue(pdv);
  }

  #pdvValue({ contextId, isCommand, isLast }: PdvHeader): Frame | undefined {
    if (this.#chunk.length === 0 && this.#pdvLeftBytes > 0) return undefined;
    const value = this.#cut(this.#pdvLeftBytes);
    this.#pdvLeftBytes -= value.length;
    this.#pduLeftBytes -= value.length;
    const ended = this.#pdvLeftBytes === 0;
    if (ended) this.#phase = { in: this.#pduLeftBytes === 0 ? 'pdu-header' : 'pdv-header' };
    return { kind: 'fragment', contextId, isCommand, isLast: isLast && ended, value };
  }

  /** The next `total` bytes in one piece, once they are there: a view where the chunk holds them all, else a copy. */
  #whole(total: number): Buffer | undefined {
    if (this.#gathered.length === 0 && this.#chunk.length >= total) return this.#cut(total);
    this.#gathered.append(this.#cut(total - this.#gathered.length));
    return this.#gathered.length === total ? this.#gathered.take() : undefined;
  }

  #cut(wantedBytes: number): Buffer {
    const piece = this.#chunk.subarray(0, wantedBytes);
    this.#chunk = this.#chunk.subarray(piece.length);
    return piece;
  }
}
