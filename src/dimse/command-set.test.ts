import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CommandSet } from './command-set.ts';
import { announcesDataSet, decodeCommandSet, encodeCommandSet, responseTo, storeRequest } from './command-set.ts';
import { DimseError } from './errors.ts';

const seed = 20_260_101;

// biome-ignore format: one element per row
const echoRequest = Buffer.from([
  0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x38, 0x00, 0x00, 0x00, // (0000,0000) 56 bytes follow
  0x00, 0x00, 0x02, 0x00, 0x12, 0x00, 0x00, 0x00, // (0000,0002) 18 bytes
  0x31, 0x2e, 0x32, 0x2e, 0x38, 0x34, 0x30, 0x2e, 0x31, 0x30, 0x30, 0x30, 0x38, 0x2e, 0x31, 0x2e, 0x31, 0x00,
  0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x30, 0x00, // (0000,0100) C-ECHO-RQ
  0x00, 0x00, 0x10, 0x01, 0x02, 0x00, 0x00, 0x00, 0x07, 0x00, // (0000,0110) message 7
  0x00, 0x00, 0x00, 0x08, 0x02, 0x00, 0x00, 0x00, 0x01, 0x01, // (0000,0800) no data set
]);

describe('decodeCommandSet', () => {
  test('reads a C-ECHO-RQ, padding taken off', () => {
    const { command, mistyped } = decodeCommandSet(echoRequest);

    expect(command).toEqual({
      affectedSopClassUid: '1.2.840.10008.1.1',
      commandField: 0x30,
      messageId: 7,
      dataSetType: 0x101,
    });
    expect(mistyped).toEqual([]);
    expect(announcesDataSet(command)).toBe(false);
  });

  test.for([
    { name: 'nothing', bytes: Buffer.alloc(0) },
    { name: 'sixty times FF', bytes: Buffer.alloc(60, 0xff) },
    { name: 'an element of group 0008', bytes: Buffer.from([8, 0, 0x18, 0, 0, 0, 0, 0]) },
    { name: 'a header that is cut', bytes: echoRequest.subarray(0, 15) },
    { name: 'a value that reaches beyond the end', bytes: echoRequest.subarray(0, 30) },
  ])('refuses $name', ({ bytes }) => {
    expect(() => decodeCommandSet(bytes)).toThrow(expect.objectContaining({ code: 'DIMSE_BAD_COMMAND_SET' }));
  });

  test('names an element whose length is not that of its VR, and goes on', () => {
    const messageIdOfFourBytes = Buffer.from([0, 0, 0x10, 1, 4, 0, 0, 0, 7, 0, 0, 0]);

    const { command, mistyped } = decodeCommandSet(Buffer.concat([messageIdOfFourBytes, echoRequest.subarray(12, 48)]));

    expect(mistyped).toEqual(['messageId']);
    expect(command.commandField).toBe(0x30);
  });

  test('any bytes give a command set or a DimseError', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        decodeCommandSet(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(DimseError);
      }
    });
    fc.assert(property, { seed });
  });
});

describe('encodeCommandSet', () => {
  test('writes the bytes of a C-ECHO-RQ', () => {
    const bytes = encodeCommandSet({
      affectedSopClassUid: '1.2.840.10008.1.1',
      commandField: 0x30,
      messageId: 7,
      dataSetType: 0x101,
    });

    expect(bytes.toString('hex')).toBe(echoRequest.toString('hex'));
  });

  test('whatever it writes is read again as the same', () => {
    const us = fc.integer({ min: 0, max: 0xffff });
    const uid = fc.stringMatching(/^[0-9]{1,4}(\.[0-9]{1,4}){1,6}$/);
    const text = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    const command: fc.Arbitrary<CommandSet> = fc.record(
      {
        affectedSopClassUid: uid,
        commandField: us,
        messageId: us,
        messageIdBeingRespondedTo: us,
        priority: us,
        dataSetType: us,
        status: us,
        offendingElement: fc.integer({ min: 0, max: 0xffffffff }),
        errorComment: text,
        affectedSopInstanceUid: uid,
        moveOriginatorAeTitle: text,
      },
      { requiredKeys: ['commandField'] },
    );
    const property = fc.property(command, (written) => {
      expect(decodeCommandSet(encodeCommandSet(written))).toEqual({ command: written, mistyped: [] });
    });
    fc.assert(property, { seed });
  });
});

test('an answer carries the field and the message id of its request, and no data set', () => {
  const request = storeRequest({ messageId: 9, sopClassUid: '1.2.3', sopInstanceUid: '1.2.3.4' });

  const answer = responseTo(request, { status: 0xa700, errorComment: 'no space left' });

  expect(announcesDataSet(request)).toBe(true);
  expect(answer).toEqual({
    commandField: 0x8001,
    messageIdBeingRespondedTo: 9,
    dataSetType: 0x101,
    status: 0xa700,
    errorComment: 'no space left',
  });
});
