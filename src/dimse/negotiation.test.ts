import { describe, expect, test } from 'vitest';
import type { AssociateRequest } from './associate-request.ts';
import { chooseTransferSyntax, findRejection, negotiate } from './negotiation.ts';

const ct = '1.2.840.10008.5.1.4.1.1.2';
const explicitLittle = '1.2.840.10008.1.2.1';
const implicitLittle = '1.2.840.10008.1.2';
const deflated = '1.2.840.10008.1.2.1.99';
const explicitBig = '1.2.840.10008.1.2.2';
const jpegLs = '1.2.840.10008.1.2.4.80';

const request: AssociateRequest = {
  protocolVersion: 1,
  calledAeTitle: 'DIFFCODE',
  callingAeTitle: 'MODALITY',
  applicationContext: '1.2.840.10008.3.1.1.1',
  contexts: [],
  maxPduLengthBytes: 16_384,
  implementationClassUid: '1.2.3',
  implementationVersion: '',
  window: undefined,
  roles: [],
  hasUserIdentity: false,
};
const policy = { aeTitle: 'DIFFCODE', storageClasses: new Set([ct]), window: 16 };

describe('chooseTransferSyntax', () => {
  test.for([
    { name: 'keeps what the sender has compressed', proposed: [jpegLs, explicitLittle], chosen: jpegLs },
    { name: 'stays native when native comes first', proposed: [implicitLittle, jpegLs], chosen: implicitLittle },
    {
      name: 'prefers explicit little endian',
      proposed: [implicitLittle, explicitBig, explicitLittle],
      chosen: explicitLittle,
    },
    { name: 'prefers deflated to implicit', proposed: [implicitLittle, deflated], chosen: deflated },
    { name: 'prefers implicit to big endian', proposed: [explicitBig, implicitLittle], chosen: implicitLittle },
    { name: 'passes over what it does not know', proposed: ['1.2.3.4', jpegLs], chosen: jpegLs },
    { name: 'has no answer to unknown ones', proposed: ['1.2.3.4'], chosen: undefined },
  ])('$name', ({ proposed, chosen }) => {
    expect(chooseTransferSyntax(proposed)).toBe(chosen);
  });
});

describe('negotiate', () => {
  test('answers each context for itself', () => {
    const contexts = [
      { id: 1, abstractSyntaxUid: ct, transferSyntaxUids: [explicitLittle] },
      { id: 3, abstractSyntaxUid: '1.2.840.10008.1.1', transferSyntaxUids: [implicitLittle] },
      { id: 5, abstractSyntaxUid: '1.2.840.10008.5.1.4.1.2.1.1', transferSyntaxUids: [implicitLittle] },
      { id: 7, abstractSyntaxUid: ct, transferSyntaxUids: ['1.2.3.4'] },
    ];

    expect(negotiate({ ...request, contexts }, policy).contexts).toEqual([
      { id: 1, result: 0, transferSyntaxUid: explicitLittle },
      { id: 3, result: 0, transferSyntaxUid: implicitLittle },
      { id: 5, result: 3, transferSyntaxUid: '' },
      { id: 7, result: 4, transferSyntaxUid: '' },
    ]);
  });

  test.for([
    { proposed: undefined, answered: undefined },
    { proposed: { invoked: 8, performed: 1 }, answered: { invoked: 8, performed: 1 } },
    { proposed: { invoked: 0, performed: 0 }, answered: { invoked: 16, performed: 1 } },
    { proposed: { invoked: 100, performed: 5 }, answered: { invoked: 16, performed: 1 } },
  ])('answers the window $proposed with $answered', ({ proposed, answered }) => {
    expect(negotiate({ ...request, window: proposed }, policy).window).toEqual(answered);
  });

  test('plays only the SCP of storage, and says nothing of classes that it does not store', () => {
    const roles = [
      { sopClassUid: ct, scu: true, scp: true },
      { sopClassUid: '1.2.840.10008.5.1.4.1.2.1.1', scu: true, scp: true },
    ];

    expect(negotiate({ ...request, roles }, policy).roles).toEqual([{ sopClassUid: ct, scu: true, scp: false }]);
  });
});

describe('findRejection', () => {
  test.for([
    { name: 'welcomes a request to us', change: {}, rejection: undefined },
    { name: 'takes any version that has bit 0', change: { protocolVersion: 3 }, rejection: undefined },
    { name: 'refuses version 2 alone', change: { protocolVersion: 2 }, rejection: 'protocol-version-not-supported' },
    {
      name: 'refuses another application',
      change: { applicationContext: '1.2' },
      rejection: 'application-context-not-supported',
    },
    {
      name: 'refuses a request to somebody else',
      change: { calledAeTitle: 'PACS' },
      rejection: 'called-ae-title-not-recognized',
    },
    {
      name: 'tells titles apart by case',
      change: { calledAeTitle: 'diffcode' },
      rejection: 'called-ae-title-not-recognized',
    },
  ])('$name', ({ change, rejection }) => {
    expect(findRejection({ ...request, ...change }, 'DIFFCODE')).toBe(rejection);
  });
});
