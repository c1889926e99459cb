import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { encodeAssociateRequest, type ProposedContext } from '../../../src/dimse/associate-request.ts';
import { Receiver, until } from '../../peers/receiver.ts';
import {
  closeAll,
  ctClass,
  echo,
  echoCommand,
  explicitLittle,
  implicitLittle,
  pData,
  pdv,
  RudeScu,
  request,
  store,
  verification,
} from '../../peers/rude-scu.ts';
import { ctImage } from '../../peers/test-object.ts';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start({
    callers: [
      { aeTitle: 'RUDE', addresses: ['127.0.0.1'] },
      { aeTitle: 'ELSEWHERE', addresses: ['10.0.0.0/8'] },
    ],
  });
});

afterEach(async () => {
  await closeAll();
  expect(await echo(receiver.port)).toBe('0');
});

afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
});

function contextsWith(ids: readonly number[]): readonly ProposedContext[] {
  return ids.map((id) => ({ id, abstractSyntaxUid: ctClass, transferSyntaxUids: [explicitLittle] }));
}

/** What one A-ASSOCIATE-RQ is answered with. */
async function answerTo(bytes: Buffer): Promise<string> {
  const scu = await RudeScu.connect(receiver.port);
  scu.send(bytes);
  const answer = await scu.hears();
  scu.close();
  return answer;
}

const oddIds = Array.from({ length: 200 }, (_, index) => (2 * index + 1) % 256);

describe('presentation contexts', () => {
  test.for([
    { name: 'P08 200 contexts whose ids wrap', ids: oddIds },
    { name: 'P10 an id twice', ids: [1, 1, 3] },
    { name: 'P11 an even id', ids: [2, 3] },
  ])('$name are answered with AB(2,6)', async ({ ids }) => {
    expect(await answerTo(encodeAssociateRequest(request({ contexts: contextsWith(ids) })))).toBe('AB(2,6)');
  });

  test('P09 128 contexts are accepted, and the first one serves', async () => {
    const { sopInstanceUid, dataSet } = ctImage(9);
    const scu = await RudeScu.associate(receiver.port, request({ contexts: contextsWith(oddIds.slice(0, 128)) }));
    expect(scu.accepted.contexts.every(({ result }) => result === 0)).toBe(true);

    scu.send(store({ sopInstanceUid, contextId: 1 }, dataSet));

    expect(await scu.hears()).toBe('0');
  });

  test('P12 contexts out of order are accepted under their own ids', async () => {
    const contexts = [
      ...contextsWith([7, 5]),
      { id: 1, abstractSyntaxUid: verification, transferSyntaxUids: [implicitLittle] },
    ];
    const scu = await RudeScu.associate(receiver.port, request({ contexts }));
    expect(scu.accepted.contexts.map(({ id, result }) => [id, result])).toEqual([
      [1, 0],
      [5, 0],
      [7, 0],
    ]);

    scu.send(pData(pdv(1, 3, echoCommand(1))));

    expect(await scu.hears()).toBe('0');
  });

  test('a class or a syntax that is not known is refused for its context alone', async () => {
    const contexts = [
      { id: 1, abstractSyntaxUid: '1.2.840.10008.5.1.4.1.2.1.1', transferSyntaxUids: [implicitLittle] },
      { id: 3, abstractSyntaxUid: verification, transferSyntaxUids: [implicitLittle] },
      { id: 5, abstractSyntaxUid: ctClass, transferSyntaxUids: ['1.2.3.4'] },
    ];

    const scu = await RudeScu.associate(receiver.port, request({ contexts }));

    expect(scu.accepted.contexts.map(({ result }) => result)).toEqual([3, 0, 4]);
  });

  test('roles are answered for storage classes: the peer sends, we take', async () => {
    const roles = [
      { sopClassUid: ctClass, scu: true, scp: true },
      { sopClassUid: verification, scu: true, scp: true },
    ];

    const scu = await RudeScu.associate(receiver.port, request({ roles }));

    // Role item 54H: length 29, UID of 25 characters, SCU 1, SCP 0; and no second one.
    const answered = Buffer.concat([Buffer.from([0x54, 0, 0, 29, 0, 25]), Buffer.from(ctClass), Buffer.from([1, 0])]);
    expect(scu.accept.includes(answered)).toBe(true);
    expect(scu.accept.includes(Buffer.from(verification))).toBe(false);
  });
});

describe('who may call', () => {
  test('P13 a stranger is rejected, audited, and not served when it sends a store anyway', async () => {
    const { sopInstanceUid, dataSet } = ctImage(13);
    const scu = await RudeScu.connect(receiver.port);

    scu.send(encodeAssociateRequest(request({ callingAeTitle: 'STRANGER' })), store({ sopInstanceUid }, dataSet));

    expect(await scu.hears()).toBe('RJ(1,1,3)');
    expect(await scu.hears(300)).toBe('-');
    scu.close();
    expect([...(await receiver.stored()).values()].some((file) => file.includes(sopInstanceUid))).toBe(false);
    await receiver.logged('association.rejected');
    await until(async () => (await readFile(join(receiver.folder, 'audit.jsonl'), 'utf8')).includes('STRANGER'));
  });

  test.for([
    { name: 'a known title from another address', change: { callingAeTitle: 'ELSEWHERE' }, word: 'RJ(1,1,3)' },
    { name: 'a title with a control character', change: { callingAeTitle: 'RU\u0007DE' }, word: 'RJ(1,1,3)' },
    { name: 'a title of spaces', change: { callingAeTitle: '' }, word: 'RJ(1,1,3)' },
    { name: 'a call for somebody else', change: { calledAeTitle: 'PACS' }, word: 'RJ(1,1,7)' },
    { name: 'another application context', change: { applicationContext: '1.2.3' }, word: 'RJ(1,1,2)' },
    { name: 'P40 protocol version 2', change: { protocolVersion: 2 }, word: 'RJ(1,2,2)' },
  ])('$name hears $word', async ({ change, word }) => {
    expect(await answerTo(encodeAssociateRequest(request(change)))).toBe(word);
  });
});

describe('the request itself', () => {
  test('P23 a request cut to 84 bytes, its length set right, is answered with AB(2,6)', async () => {
    const bytes = Buffer.from(encodeAssociateRequest(request()).subarray(0, 84));
    bytes.writeUInt32BE(78, 2);

    expect(await answerTo(bytes)).toBe('AB(2,6)');
  });

  test('P24 an item longer than the request is answered with AB(2,6)', async () => {
    const bytes = encodeAssociateRequest(request());
    bytes.writeUInt16BE(0xfff0, 76); // length of the first item, the application context

    expect(await answerTo(bytes)).toBe('AB(2,6)');
  });

  test('P25 a second request is answered with AB(2,2)', async () => {
    const scu = await RudeScu.associate(receiver.port);

    scu.send(encodeAssociateRequest(request()));

    expect(await scu.hears()).toBe('AB(2,2)');
  });

  test('P41 a peer without a limit hears ours; one with a limit of 16 is aborted', async () => {
    const scu = await RudeScu.associate(receiver.port, request({ maxPduLengthBytes: 0 }));

    expect(scu.accepted.maxPduLengthBytes).toBe(131_072);
    expect(await answerTo(encodeAssociateRequest(request({ maxPduLengthBytes: 16 })))).toBe('AB(2,6)');
  });

  test('a peer that takes small PDUs only is told our maximum, and gets its answer in small ones', async () => {
    const { sopInstanceUid, dataSet } = ctImage(41);
    const scu = await RudeScu.associate(receiver.port, request({ maxPduLengthBytes: 128 }));
    expect(scu.accepted.maxPduLengthBytes).toBe(131_072);

    scu.send(store({ messageId: 7, sopInstanceUid }, dataSet));

    expect(await scu.hears()).toBe('0');
    expect(scu.answer).toMatchObject({ messageIdBeingRespondedTo: 7, affectedSopInstanceUid: sopInstanceUid });
  });

  test('P42 an unlimited window is answered with 16,1', async () => {
    const scu = await RudeScu.associate(receiver.port, request({ window: { invoked: 0, performed: 0 } }));

    expect(scu.accepted.window).toEqual({ invoked: 16, performed: 1 });
  });
});
