import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DimseError } from './errors.ts';
import { type Frame, PduReader, readPduHeader } from './pdu-reader.ts';
import { encodeAbort, encodePData, encodeReleaseRequest } from './pdu-writer.ts';

const seed = 20_260_101;
const limits = { pDataBytes: 1024 * 1024, associateRqBytes: 1024 * 1024 };

function header(type: number, lengthBytes: number): Buffer {
  const bytes = Buffer.from([type, 0, 0, 0, 0, 0]);
  bytes.writeUInt32BE(lengthBytes, 2);
  return bytes;
}

function readAll(pieces: readonly Buffer[]): Frame[] {
  const reader = new PduReader(limits);
  const frames: Frame[] = [];
  for (const piece of pieces) {
    reader.feed(piece);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
  }
  return frames;
}

/** Frames with the parts of one fragment put together again: what must not depend on how the stream was cut. */
function joined(frames: readonly Frame[]): unknown[] {
  const whole: unknown[] = [];
  let parts: Buffer[] = [];
  for (const [index, frame] of frames.entries()) {
    if (frame.kind === 'header') whole.push([frame.type, frame.lengthBytes]);
    if (frame.kind === 'pdu') whole.push([frame.type, frame.bytes.toString('hex')]);
    if (frame.kind !== 'fragment') continue;
    parts.push(frame.value);
    const next = frames[index + 1];
    const goesOn =
      next?.kind === 'fragment' && next.contextId === frame.contextId && next.isCommand === frame.isCommand;
    if (goesOn && !frame.isLast) continue;
    whole.push([frame.contextId, frame.isCommand, frame.isLast, Buffer.concat(parts).toString('hex')]);
    parts = [];
  }
  return whole;
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return [...pieces, bytes.subarray(offset)];
}

const pdu = fc.oneof(
  fc.constant(encodeReleaseRequest()),
  fc.constant(encodeAbort({ source: 2, reason: 6 })),
  fc.uint8Array({ minLength: 72, maxLength: 300 }).map((body) => Buffer.concat([header(0x01, body.length), body])),
  fc
    .record({
      contextId: fc.integer({ min: 1, max: 255 }),
      isCommand: fc.boolean(),
      isLast: fc.boolean(),
      value: fc.uint8Array({ maxLength: 200 }),
    })
    .map(({ value, ...part }) => encodePData(part, Buffer.from(value))),
);

describe('readPduHeader', () => {
  test.for([
    { name: 'a type unknown to PS3.8', bytes: header(0x09, 4), code: 'DIMSE_UNRECOGNIZED_PDU' },
    { name: 'a web browser', bytes: Buffer.from('GET / HTTP/1.1'), code: 'DIMSE_UNRECOGNIZED_PDU' },
    { name: 'the largest length a peer can claim', bytes: header(0x04, 0xffffffff), code: 'DIMSE_PDU_TOO_LONG' },
    { name: 'a P-DATA one byte over the limit', bytes: header(0x04, 1024 * 1024 + 1), code: 'DIMSE_PDU_TOO_LONG' },
    { name: 'a P-DATA too short for a PDV', bytes: header(0x04, 5), code: 'DIMSE_PDU_BAD_LENGTH' },
    { name: 'an association request without items', bytes: header(0x01, 71), code: 'DIMSE_PDU_BAD_LENGTH' },
    { name: 'an association request over the limit', bytes: header(0x01, 1024 * 1024 + 1), code: 'DIMSE_PDU_TOO_LONG' },
    { name: 'a release request of five bytes', bytes: header(0x05, 5), code: 'DIMSE_PDU_TOO_LONG' },
    { name: 'an abort of no bytes', bytes: header(0x07, 0), code: 'DIMSE_PDU_BAD_LENGTH' },
  ])('refuses $name with $code', ({ bytes, code }) => {
    expect(() => readPduHeader(bytes, limits)).toThrow(expect.objectContaining({ code }));
  });

  test('waits for the sixth byte', () => {
    expect(readPduHeader(header(0x04, 100).subarray(0, 5), limits)).toBeUndefined();
    expect(readPduHeader(header(0x04, 100), limits)).toEqual({ type: 0x04, lengthBytes: 100 });
  });
});

describe('PduReader', () => {
  test('gives two PDVs of one PDU as two fragments', () => {
    // biome-ignore format: one row per part
    const bytes = Buffer.from([
      0x04, 0x00, 0x00, 0x00, 0x00, 0x0e, // P-DATA-TF, 14 bytes
      0x00, 0x00, 0x00, 0x04, 0x01, 0x03, 0xaa, 0xbb, // context 1, command, last
      0x00, 0x00, 0x00, 0x02, 0x01, 0x00, // context 1, data set, not last, empty
    ]);

    expect(joined(readAll([bytes]))).toEqual([
      [0x04, 14],
      [1, true, true, 'aabb'],
      [1, false, false, ''],
    ]);
  });

  test.for([
    { name: 'shorter than its own header', body: [0, 0, 0, 1, 1, 3] },
    { name: 'of length zero', body: [0, 0, 0, 0, 1, 3] },
    { name: 'longer than its PDU', body: [0, 0, 0x10, 0, 1, 3, 0, 0, 0] },
    { name: 'followed by a crumb that is no PDV', body: [0, 0, 0, 2, 1, 3, 0, 0] },
  ])('refuses a PDV that is $name', ({ body }) => {
    const bytes = Buffer.concat([header(0x04, body.length), Buffer.from(body)]);

    expect(() => readAll([bytes])).toThrow(expect.objectContaining({ code: 'DIMSE_PDV_BAD_LENGTH' }));
  });

  test('gives values as views of the chunk that brought them', () => {
    const bytes = encodePData({ contextId: 1, isCommand: false, isLast: true }, Buffer.alloc(100, 7));

    const fragment = readAll([bytes]).find((frame) => frame.kind === 'fragment');

    expect(fragment?.value.buffer).toBe(bytes.buffer);
  });

  test('knows that a PDU has begun and not ended', () => {
    const reader = new PduReader(limits);
    const bytes = encodePData({ contextId: 1, isCommand: false, isLast: false }, Buffer.alloc(10));

    expect(reader.midPdu).toBe(false);
    reader.feed(bytes.subarray(0, 3));
    reader.next();
    expect(reader.midPdu).toBe(true);
    reader.feed(bytes.subarray(3));
    while (reader.next() !== undefined);
    expect(reader.midPdu).toBe(false);
  });

  test('any cut of a stream gives the same frames', () => {
    const property = fc.property(
      fc.array(pdu, { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }),
      (pdus, sizes) => {
        const bytes = Buffer.concat(pdus);
        expect(joined(readAll(cut(bytes, sizes)))).toEqual(joined(readAll([bytes])));
      },
    );
    fc.assert(property, { seed });
  });

  test('any bytes give frames, a wait or a DimseError, never anything else', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .tuple(fc.integer({ min: 1, max: 8 }), fc.uint8Array({ maxLength: 64 }))
        .map(([type, rest]) => Buffer.concat([header(type, rest.length), rest])),
    );
    const property = fc.property(fc.array(anyBytes, { maxLength: 5 }), (pieces) => {
      try {
        readAll(pieces.map((piece) => Buffer.from(piece)));
      } catch (error) {
        expect(error).toBeInstanceOf(DimseError);
      }
    });
    fc.assert(property, { seed, numRuns: 500 });
  });
});
