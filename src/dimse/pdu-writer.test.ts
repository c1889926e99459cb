import { describe, expect, test } from 'vitest';
import { PduReader } from './pdu-reader.ts';
import {
  encodeAbort,
  encodeCommandPdus,
  encodeReject,
  encodeReleaseRequest,
  encodeReleaseResponse,
  pdvCapacityBytes,
} from './pdu-writer.ts';
import { parseRejection, rejections } from './rejection.ts';

test.for([
  {
    name: 'A-ASSOCIATE-RJ',
    bytes: encodeReject(rejections['calling-ae-title-not-recognized']),
    hex: '03000000000400010103',
  },
  { name: 'A-RELEASE-RQ', bytes: encodeReleaseRequest(), hex: '05000000000400000000' },
  { name: 'A-RELEASE-RP', bytes: encodeReleaseResponse(), hex: '06000000000400000000' },
  { name: 'A-ABORT', bytes: encodeAbort({ source: 2, reason: 6 }), hex: '07000000000400000206' },
])('writes $name as PS3.8 9.3 prints it', ({ bytes, hex }) => {
  expect(bytes.toString('hex')).toBe(hex);
});

test('a rejection that was written is read again', () => {
  const rejection = rejections['local-limit-exceeded'];

  expect(parseRejection(encodeReject(rejection))).toEqual(rejection);
});

describe('pdvCapacityBytes', () => {
  test.for([
    { name: 'takes six bytes off for the header of the PDV', peer: 16_384, capacity: 16_378 },
    { name: 'rounds down to even', peer: 16_385, capacity: 16_378 },
    { name: 'has a limit of its own', peer: 1_000_000, capacity: 262_138 },
    { name: 'takes no limit for 128 KiB', peer: 0, capacity: 131_066 },
  ])('$name', ({ peer, capacity }) => {
    expect(pdvCapacityBytes(peer)).toBe(capacity);
  });
});

test('a command set longer than the peer takes leaves in several PDUs, the last one marked', () => {
  const commandSet = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256));
  const reader = new PduReader({ pDataBytes: 128, associateRqBytes: 128 });
  reader.feed(encodeCommandPdus(5, commandSet, 128));

  const values: Buffer[] = [];
  const lasts: boolean[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    if (frame.kind !== 'fragment') continue;
    values.push(frame.value);
    lasts.push(frame.isLast);
  }

  expect(Buffer.concat(values)).toEqual(commandSet);
  expect(lasts).toEqual([false, false, true]);
});
