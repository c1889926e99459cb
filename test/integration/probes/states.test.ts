import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { encodeCommandSet } from '../../../src/dimse/command-set.ts';
import { encodeAbort, encodeReleaseRequest } from '../../../src/dimse/pdu-writer.ts';
import { Receiver, until } from '../../peers/receiver.ts';
import {
  closeAll,
  echo,
  echoCommand,
  pData,
  pdv,
  RudeScu,
  store,
  storeCommand,
  verification,
} from '../../peers/rude-scu.ts';
import { ctImage } from '../../peers/test-object.ts';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
});

afterEach(async () => {
  await closeAll();
  expect(await echo(receiver.port)).toBe('0');
});

afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
});

/** Nothing of an object is in the spool, whole or in part. */
async function expectNothingOf(sopInstanceUid: string): Promise<void> {
  await until(async () => (await receiver.parts()).length === 0);
  const files = [...(await receiver.stored()).values()];
  expect(files.some((file) => file.includes(sopInstanceUid))).toBe(false);
}

function command(commandField: number, messageId: number): Buffer {
  const fields = { affectedSopClassUid: verification, commandField, messageId, dataSetType: 0x101 };
  return encodeCommandSet(fields);
}

describe('what is not expected', () => {
  test('P14 data without an association', async () => {
    const scu = await RudeScu.connect(receiver.port);

    scu.send(pData(pdv(3, 3, echoCommand(1))));

    expect(await scu.hears()).toBe('AB(2,2)');
  });

  test('P15 a command on a context that was not accepted', async () => {
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(99, 3, echoCommand(1))));

    expect(await scu.hears()).toBe('AB(2,2)');
  });

  test('P16 a data set without a command', async () => {
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 2, Buffer.alloc(100))));

    expect(await scu.hears()).toBe('AB(2,2)');
  });

  test('P17 a command set of sixty FF', async () => {
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 3, Buffer.alloc(60, 0xff))));

    expect(await scu.hears()).toBe('AB(2,6)');
  });

  test('a command set above the limit', async () => {
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 1, Buffer.alloc(65_537))));

    expect(await scu.hears()).toBe('AB(2,6)');
  });

  test('P46 a C-ECHO between two fragments of a data set', async () => {
    const { sopInstanceUid, dataSet } = ctImage(46);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid })), pdv(1, 0, dataSet.subarray(0, 200))));
    scu.send(pData(pdv(3, 3, echoCommand(2))), pData(pdv(1, 2, dataSet.subarray(200))));

    expect(await scu.hears()).toBe('AB(2,2)');
    await expectNothingOf(sopInstanceUid);
  });

  test('P47 a data set on another context than its command', async () => {
    const { sopInstanceUid, dataSet } = ctImage(47);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid })), pdv(5, 2, dataSet)));

    expect(await scu.hears()).toBe('AB(2,2)');
    await expectNothingOf(sopInstanceUid);
  });
});

describe('the end of an association', () => {
  test('P26 a release in the middle of a store', async () => {
    const { sopInstanceUid, dataSet } = ctImage(26);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid })), pdv(1, 0, dataSet)), encodeReleaseRequest());

    expect(await scu.hears()).toBe('AB(2,2)');
    await expectNothingOf(sopInstanceUid);
  });

  test('P27 an abort in the middle of a store, and the rest of the store behind it', async () => {
    const { sopInstanceUid, dataSet } = ctImage(27);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid })), pdv(1, 0, dataSet.subarray(0, 200))));
    scu.send(encodeAbort({ source: 0, reason: 0 }), pData(pdv(1, 2, dataSet.subarray(200))));

    expect(['FIN', 'RST', 'closed']).toContain(await scu.hears());
    await expectNothingOf(sopInstanceUid);
  });

  test('P28 a store and a release at once: the answer, then the release', async () => {
    const { sopInstanceUid, dataSet } = ctImage(28);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store({ sopInstanceUid }, dataSet), encodeReleaseRequest());

    expect(await scu.hearsAll(2)).toEqual(['0', 'RP']);
    scu.close();
    const released = await receiver.logged('association.released');
    expect(released.some((line) => line['instances'] === 1 && line['sizeBytes'] === dataSet.length)).toBe(true);
  });

  test('a store behind a release is not served', async () => {
    const { sopInstanceUid, dataSet } = ctImage(29);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(encodeReleaseRequest(), store({ sopInstanceUid }, dataSet));

    expect(['RP', 'AB(2,2)']).toContain(await scu.hears());
    await expectNothingOf(sopInstanceUid);
  });
});

describe('requests other than C-STORE', () => {
  test('P43 a C-CANCEL of nothing is passed over', async () => {
    const scu = await RudeScu.associate(receiver.port);
    const cancel = encodeCommandSet({ commandField: 0x0fff, messageIdBeingRespondedTo: 77, dataSetType: 0x101 });

    scu.send(pData(pdv(3, 3, cancel)), pData(pdv(3, 3, echoCommand(1))));

    expect(await scu.hearsAll(1)).toEqual(['0']);
    expect(scu.answer.commandField).toBe(0x8030);
  });

  test('P44 an unknown command field is answered with 0x0211, under its own field', async () => {
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(3, 3, command(0x0777, 5))));

    expect(await scu.hears()).toBe('211');
    expect(scu.answer).toMatchObject({ commandField: 0x8777, messageIdBeingRespondedTo: 5, dataSetType: 0x101 });
  });

  test('a C-FIND with its identifier is answered with 0x0211 behind the identifier', async () => {
    const find = { affectedSopClassUid: verification, commandField: 0x20, messageId: 6, dataSetType: 0 };
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(3, 3, encodeCommandSet(find))), pData(pdv(3, 2, Buffer.alloc(1000))));

    expect(await scu.hears()).toBe('211');
  });

  test('a data set of such a request above 1 MiB ends the association', async () => {
    const find = { affectedSopClassUid: verification, commandField: 0x20, messageId: 6, dataSetType: 0 };
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(3, 3, encodeCommandSet(find))));
    for (let sent = 0; sent < 11; sent++) scu.send(pData(pdv(3, 0, Buffer.alloc(100_000))));

    expect(await scu.hears()).toBe('AB(2,6)');
  });

  test('an answer to nothing ends the association', async () => {
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(3, 3, command(0x8030, 5))));

    expect(await scu.hears()).toBe('AB(2,2)');
  });
});

describe('answers', () => {
  test('P45 a message id that is outstanding is refused, one that was answered is not', async () => {
    const [first, second] = [ctImage(451), ctImage(452)];
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store({ messageId: 9, ...first }, first.dataSet), store({ messageId: 9, ...second }, second.dataSet));
    expect(await scu.hearsAll(2)).toEqual(['0', '210']);
    await expectNothingOf(second.sopInstanceUid);

    scu.send(store({ messageId: 9, ...second }, second.dataSet));
    expect(await scu.hears()).toBe('0');
  });

  test('a C-ECHO behind a store is answered behind it', async () => {
    const { sopInstanceUid, dataSet } = ctImage(453);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store({ messageId: 1, sopInstanceUid }, dataSet), pData(pdv(3, 3, echoCommand(2))));

    const fields: (number | undefined)[] = [];
    for (let index = 0; index < 2; index++) {
      expect(await scu.hears()).toBe('0');
      fields.push(scu.answer.commandField);
    }
    expect(fields).toEqual([0x8001, 0x8030]);
  });

  test('forty stores in one breath are all answered, in order', async () => {
    const scu = await RudeScu.associate(receiver.port);
    const ids = Array.from({ length: 40 }, (_, index) => index + 1);

    scu.send(
      ...ids.map((messageId) => {
        const { sopInstanceUid, dataSet } = ctImage(9000 + messageId);
        return store({ messageId, sopInstanceUid }, dataSet);
      }),
    );

    const answered: (number | undefined)[] = [];
    for (const _ of ids) {
      expect(await scu.hears()).toBe('0');
      answered.push(scu.answer.messageIdBeingRespondedTo);
    }
    expect(answered).toEqual(ids);
  });
});
