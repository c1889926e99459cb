import { createHash } from 'node:crypto';
import { ModelError } from './errors.ts';
import { narrowFloat16, widenBfloat16, widenFloat16 } from './half-float.ts';

/** A tensor in memory: float32, row by row. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Safetensors {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** SHA-256 of all bytes after the header. */
  readonly tensorsDigest: string;
}

/** How values are stored: F16 rounds to half precision. */
export type StoredType = 'F32' | 'F16';

const widths: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };
const longestHeaderBytes = 100 * 1024 * 1024;
const lengthBytes = 8;

/**
 * Reads a whole safetensors file and widens it to float32. Only F32, F16 and BF16, finite values, no gap in the data.
 * Throws ModelError MODEL_WEIGHTS_UNREADABLE · MODEL_WEIGHTS_NOT_FINITE
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, dataStart } = readHeader(bytes);
  const data = bytes.subarray(dataStart);
  const metadata = readMetadata(header['__metadata__']);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const spans = entries.map(([name, entry]) => readSpan(name, entry));
  refuseGaps(spans, data.length);
  const tensors = new Map(spans.map((span) => [span.name, widen(span, data)]));
  return { metadata, tensors, tensorsDigest: sha256(data) };
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes tensors in the order of the map. Metadata gets `tensors.sha256`. Throws ModelError MODEL_WEIGHTS_NOT_FINITE */
export function writeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>>,
  typeOf: (name: string, tensor: HostTensor) => StoredType,
): Buffer {
  const header: Record<string, unknown> = {};
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, tensor] of tensors) {
    const type = typeOf(name, tensor);
    const part = storedBytes(name, tensor, type);
    header[name] = { dtype: type, shape: tensor.shape, data_offsets: [offset, offset + part.length] };
    offset += part.length;
    parts.push(part);
  }
  const data = Buffer.concat(parts);
  const text = JSON.stringify({ __metadata__: { ...metadata, 'tensors.sha256': sha256(data) }, ...header });
  return Buffer.concat([paddedHeader(text), data]);
}

function paddedHeader(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const padding = Buffer.alloc((8 - (bytes.length % 8)) % 8, ' ');
  const length = Buffer.alloc(lengthBytes);
  length.writeBigUInt64LE(BigInt(bytes.length + padding.length));
  return Buffer.concat([length, bytes, padding]);
}

function storedBytes(name: string, { data }: HostTensor, type: StoredType): Buffer {
  const stored = type === 'F32' ? data : narrowFloat16(data);
  const kept = stored instanceof Uint16Array ? widenFloat16(stored) : stored;
  if (!kept.every(Number.isFinite)) throw new ModelError('MODEL_WEIGHTS_NOT_FINITE', { tensor: name, type });
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < lengthBytes) throw unreadable('shorter than its header length', { sizeBytes: bytes.length });
  const headerBytes = Number(view.getBigUint64(0, true));
  const dataStart = lengthBytes + headerBytes;
  if (headerBytes > longestHeaderBytes || dataStart > bytes.length) {
    throw unreadable('header longer than the file or the limit', { headerBytes, sizeBytes: bytes.length });
  }
  const header = parseJson(new TextDecoder().decode(bytes.subarray(lengthBytes, dataStart)));
  if (!isRecord(header)) throw unreadable('header is no JSON object');
  return { header, dataStart };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable('header is no JSON', {}, { cause });
  }
}

function readMetadata(metadata: unknown): Map<string, string> {
  const entries = new Map<string, string>();
  if (metadata === undefined) return entries;
  if (!isRecord(metadata)) throw unreadable('metadata is no JSON object');
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw unreadable('a metadata value is no string', { key });
    entries.set(key, value);
  }
  return entries;
}

interface Span {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

function readSpan(name: string, entry: unknown): Span {
  if (!isRecord(entry)) throw unreadable('a tensor without description', { tensor: name });
  const { dtype: type, shape, data_offsets: offsets } = entry;
  if (typeof type !== 'string' || !isSizes(shape) || !isSizes(offsets)) {
    throw unreadable('a tensor without type, shape and offsets', { tensor: name });
  }
  const width = widths[type];
  if (width === undefined) throw unreadable('a type other than F32, F16 and BF16', { tensor: name, type });
  const [start = 0, end = 0] = offsets;
  const sizeBytes = shape.reduce((product, size) => product * size, width);
  if (end - start !== sizeBytes) throw unreadable('a size unlike its shape', { tensor: name, start, end, sizeBytes });
  return { name, type, shape, start, end };
}

/** Every byte belongs to exactly one tensor; a name given twice leaves the first one's bytes unclaimed. */
function refuseGaps(spans: readonly Span[], dataBytes: number): void {
  let expected = 0;
  for (const { name, start, end } of spans.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== expected) throw unreadable('a gap or an overlap before', { tensor: name, start, expected });
    expected = end;
  }
  if (expected !== dataBytes) throw unreadable('more or fewer data than described', { expected, dataBytes });
}

function widen({ name, type, shape, start, end }: Span, data: Uint8Array): HostTensor {
  const own = new Uint8Array(data.subarray(start, end)).buffer; // a copy: aligned, and apart from the file's buffer
  const values = widenValues(type, own);
  if (!values.every(Number.isFinite)) throw new ModelError('MODEL_WEIGHTS_NOT_FINITE', { tensor: name });
  return { shape, data: values };
}

function widenValues(type: string, own: ArrayBuffer): Float32Array {
  if (type === 'F32') return new Float32Array(own);
  return type === 'F16' ? widenFloat16(new Uint16Array(own)) : widenBfloat16(new Uint16Array(own));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && Number(size) >= 0);
}

function unreadable(why: string, details: Record<string, string | number> = {}, options?: ErrorOptions): ModelError {
  return new ModelError('MODEL_WEIGHTS_UNREADABLE', { why, ...details }, options);
}
