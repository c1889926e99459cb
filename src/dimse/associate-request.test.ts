import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssociateRequest } from './associate-request.ts';
import { canonicalRequest, encodeAssociateRequest, parseAssociateRequest } from './associate-request.ts';
import { DimseError } from './errors.ts';

const seed = 20_260_101;

const request: AssociateRequest = {
  protocolVersion: 1,
  calledAeTitle: 'DIFFCODE',
  callingAeTitle: 'MODALITY',
  applicationContext: '1.2.840.10008.3.1.1.1',
  contexts: [
    { id: 1, abstractSyntaxUid: '1.2.840.10008.5.1.4.1.1.2', transferSyntaxUids: ['1.2.840.10008.1.2.1'] },
    { id: 3, abstractSyntaxUid: '1.2.840.10008.1.1', transferSyntaxUids: ['1.2.840.10008.1.2'] },
  ],
  maxPduLengthBytes: 16_384,
  implementationClassUid: '1.2.3',
  implementationVersion: 'TEST',
  window: undefined,
  roles: [],
  hasUserIdentity: false,
};

function withContexts(...ids: readonly number[]): Buffer {
  const [context] = request.contexts;
  if (context === undefined) throw new Error('no context');
  return encodeAssociateRequest({ ...request, contexts: ids.map((id) => ({ ...context, id })) });
}

/** The request with its user information replaced by `items`, and the lengths set right. */
function withUserInformation(...items: readonly number[]): Buffer {
  const bytes = encodeAssociateRequest(request);
  const start = bytes.lastIndexOf(Buffer.from([0x50, 0x00]));
  const changed = Buffer.concat([bytes.subarray(0, start), Buffer.from([0x50, 0, 0, items.length, ...items])]);
  changed.writeUInt32BE(changed.length - 6, 2);
  return changed;
}

describe('parseAssociateRequest', () => {
  test('reads what was written: contexts in order, window, roles', () => {
    const written = {
      ...request,
      window: { invoked: 8, performed: 1 },
      roles: [{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', scu: true, scp: true }],
    };

    expect(parseAssociateRequest(encodeAssociateRequest(written))).toEqual(written);
  });

  test('sees that a user identity is there, and does not read it', () => {
    const maximumLength = [0x51, 0, 0, 4, 0, 0, 0x40, 0];
    const userIdentity = [0x58, 0, 0, 8, 1, 1, 0, 2, 0x6d, 0x65, 0, 0];

    const parsed = parseAssociateRequest(withUserInformation(...maximumLength, ...userIdentity));

    expect(parsed.hasUserIdentity).toBe(true);
    expect(parsed.maxPduLengthBytes).toBe(0x4000);
  });

  test.for([
    { name: 'an even context id', bytes: withContexts(2, 3) },
    { name: 'context id zero', bytes: withContexts(0) },
    { name: 'a context id twice', bytes: withContexts(1, 1, 3) },
    {
      name: 'more than 128 contexts',
      bytes: withContexts(...Array.from({ length: 200 }, (_, i) => (2 * i + 1) % 256)),
    },
    { name: 'no context', bytes: withContexts() },
    { name: 'no maximum length', bytes: withUserInformation(0x52, 0, 0, 1, 0x31) },
    { name: 'a maximum length of 16', bytes: withUserInformation(0x51, 0, 0, 4, 0, 0, 0, 16) },
    { name: 'a window of three bytes', bytes: withUserInformation(0x51, 0, 0, 4, 0, 0, 64, 0, 0x53, 0, 0, 3, 0, 1, 0) },
    {
      name: 'a role longer than its item',
      bytes: withUserInformation(0x51, 0, 0, 4, 0, 0, 64, 0, 0x54, 0, 0, 4, 0, 9, 1, 1),
    },
    { name: 'an item beyond its parent', bytes: withUserInformation(0x51, 0, 0, 9, 0, 0, 64, 0) },
    { name: 'a request cut in the middle', bytes: encodeAssociateRequest(request).subarray(0, 84) },
    {
      name: 'a context without transfer syntax',
      bytes: encodeAssociateRequest({
        ...request,
        contexts: [{ id: 1, abstractSyntaxUid: '1.2', transferSyntaxUids: [] }],
      }),
    },
  ])('refuses $name', ({ bytes }) => {
    expect(() => parseAssociateRequest(bytes)).toThrow(expect.objectContaining({ code: 'DIMSE_BAD_ASSOCIATE_RQ' }));
  });

  test('takes 128 contexts', () => {
    const ids = Array.from({ length: 128 }, (_, index) => 2 * index + 1);

    expect(parseAssociateRequest(withContexts(...ids)).contexts).toHaveLength(128);
  });

  test('any bytes after the fixed part give a request or a DimseError', () => {
    const item = fc
      .tuple(fc.constantFrom(0x10, 0x20, 0x30, 0x40, 0x50, 0x51, 0x53, 0x54), fc.uint8Array({ maxLength: 40 }))
      .map(([type, value]) => Buffer.from([type, 0, 0, value.length, ...value]));
    const property = fc.property(fc.array(item, { maxLength: 8 }), fc.nat(3), (items, cutBytes) => {
      const body = Buffer.concat([Buffer.alloc(74), ...items]);
      try {
        parseAssociateRequest(body.subarray(0, body.length - cutBytes));
      } catch (error) {
        expect(error).toBeInstanceOf(DimseError);
      }
    });
    fc.assert(property, { seed, numRuns: 500 });
  });
});

test('the canonical request has its contexts sorted and says nothing that was not read', () => {
  const sorted = parseAssociateRequest(canonicalRequest(parseAssociateRequest(withContexts(7, 5, 1))));

  expect(sorted.contexts.map((context) => context.id)).toEqual([1, 5, 7]);
});
