import { describe, expect, test } from 'vitest';
import type { AssociateAccept } from './associate-accept.ts';
import { encodeAssociateAccept, parseAssociateAccept } from './associate-accept.ts';
import type { AssociateRequest } from './associate-request.ts';

const request: AssociateRequest = {
  protocolVersion: 1,
  calledAeTitle: 'PACS',
  callingAeTitle: 'DIFFCODE',
  applicationContext: '1.2.840.10008.3.1.1.1',
  contexts: [
    { id: 1, abstractSyntaxUid: '1.2.840.10008.5.1.4.1.1.2', transferSyntaxUids: ['1.2.840.10008.1.2.1'] },
    { id: 3, abstractSyntaxUid: '1.2.840.10008.5.1.4.1.1.4', transferSyntaxUids: ['1.2.840.10008.1.2'] },
  ],
  maxPduLengthBytes: 131_072,
  implementationClassUid: '1.2.3',
  implementationVersion: 'TEST',
  window: { invoked: 16, performed: 1 },
  roles: [],
  hasUserIdentity: false,
};

const accept: AssociateAccept = {
  contexts: [
    { id: 1, result: 0, transferSyntaxUid: '1.2.840.10008.1.2.1' },
    { id: 3, result: 4, transferSyntaxUid: '' },
  ],
  maxPduLengthBytes: 16_384,
  implementationClassUid: '1.2.4',
  implementationVersion: 'PEER',
  window: { invoked: 4, performed: 1 },
};

describe('parseAssociateAccept', () => {
  test('reads what was written', () => {
    expect(parseAssociateAccept(encodeAssociateAccept(accept, request), request)).toEqual(accept);
  });

  test('a window that the peer leaves out is none', () => {
    const bytes = encodeAssociateAccept({ ...accept, window: undefined }, request);

    expect(parseAssociateAccept(bytes, request).window).toBeUndefined();
  });

  test.for([
    {
      name: 'a context that was not proposed',
      contexts: [{ id: 9, result: 0, transferSyntaxUid: '1.2.840.10008.1.2' }],
    },
    {
      name: 'a transfer syntax that was not proposed',
      contexts: [{ id: 1, result: 0, transferSyntaxUid: '1.2.840.10008.1.2' }],
    },
  ])('refuses $name', ({ contexts }) => {
    const bytes = encodeAssociateAccept({ ...accept, contexts }, request);

    expect(() => parseAssociateAccept(bytes, request)).toThrow(
      expect.objectContaining({ code: 'DIMSE_BAD_ASSOCIATE_AC' }),
    );
  });

  test('refuses a window that was not proposed', () => {
    const bytes = encodeAssociateAccept(accept, request);

    expect(() => parseAssociateAccept(bytes, { ...request, window: undefined })).toThrow(
      expect.objectContaining({ code: 'DIMSE_BAD_ASSOCIATE_AC' }),
    );
  });
});
