import { afterEach, describe, expect, test } from 'vitest';
import { parsePart10 } from '../../src/dicom/part10.ts';
import { type CommandSet, encodeCommandSet } from '../../src/dimse/command-set.ts';
import { Receiver, type ReceiverOptions, until } from '../peers/receiver.ts';
import {
  closeAll,
  ctClass,
  echo,
  explicitLittle,
  implicitLittle,
  pData,
  pdv,
  RudeScu,
  request,
  store,
  verification,
} from '../peers/rude-scu.ts';
import { ctImage, element } from '../peers/test-object.ts';

afterEach(closeAll);

const image = ctImage(1);

/** A C-STORE with any command, on any context. */
function storeWith(change: CommandSet, dataSet = image.dataSet, contextId = 1): Buffer {
  const command: CommandSet = {
    affectedSopClassUid: ctClass,
    affectedSopInstanceUid: image.sopInstanceUid,
    commandField: 1,
    messageId: 1,
    priority: 0,
    dataSetType: 0,
    ...change,
  };
  return Buffer.concat([pData(pdv(contextId, 3, encodeCommandSet(command))), pData(pdv(contextId, 2, dataSet))]);
}

async function answerTo(bytes: Buffer, options: ReceiverOptions = {}): Promise<CommandSet> {
  await using receiver = await Receiver.start(options);
  const scu = await RudeScu.associate(receiver.port);
  scu.send(bytes);
  await scu.hears();
  return scu.answer;
}

const otherClass = Buffer.concat([
  element(0x0008, 0x0016, 'UI', '1.2.840.10008.5.1.4.1.1.7'),
  image.dataSet.subarray(34),
]);

describe('C-STORE is answered with', () => {
  test.for([
    {
      name: '0x0212 when the command names no instance',
      status: 0x0212,
      bytes: storeWith({ affectedSopInstanceUid: undefined }),
    },
    {
      name: '0x0212 when the command names no class',
      status: 0x0212,
      bytes: storeWith({ affectedSopClassUid: undefined }),
    },
    {
      name: '0x0117 when the instance is no UID',
      status: 0x0117,
      bytes: storeWith({ affectedSopInstanceUid: '1.2.x' }),
    },
    {
      name: '0x0117 when the instance UID has 65 characters',
      status: 0x0117,
      bytes: storeWith({ affectedSopInstanceUid: `1.${'2'.repeat(63)}` }),
    },
    {
      name: '0x0117 when the instance UID is a command line',
      status: 0x0117,
      bytes: storeWith({ affectedSopInstanceUid: '1;$(id)' }),
    },
    {
      name: '0xA900 when the class is not that of the context',
      status: 0xa900,
      bytes: storeWith({ affectedSopClassUid: '1.2.3' }),
    },
    { name: '0xA900 when the data set has another class', status: 0xa900, bytes: storeWith({}, otherClass) },
    {
      name: '0xA900 when the data set is another instance',
      status: 0xa900,
      bytes: storeWith({ affectedSopInstanceUid: '1.2.3' }),
    },
    {
      name: '0x0122 when the context is one of no storage class',
      status: 0x0122,
      bytes: storeWith({ affectedSopClassUid: verification }, image.dataSet, 3),
    },
    { name: '0xC000 when the data set is empty', status: 0xc000, bytes: storeWith({}, Buffer.alloc(0)) },
    { name: '0xC000 when the data set is cut', status: 0xc000, bytes: storeWith({}, image.dataSet.subarray(0, -1)) },
    { name: '0xC000 when the data set is noise', status: 0xc000, bytes: storeWith({}, Buffer.alloc(500, 0xde)) },
  ])('$name', async ({ status, bytes }) => {
    const answer = await answerTo(bytes);

    expect(answer).toMatchObject({ commandField: 0x8001, messageIdBeingRespondedTo: 1, dataSetType: 0x0101, status });
    expect(answer.errorComment).toMatch(/^[ -~]{1,64}$/);
  });

  test('0x0124 when the caller may only verify the connection', async () => {
    const callers = [{ aeTitle: '*' as const, addresses: ['127.0.0.1'], store: false }];
    await using receiver = await Receiver.start({ callers });
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store(image, image.dataSet));

    expect(await scu.hears()).toBe('124');
    expect(await echo(receiver.port)).toBe('0');
  });

  test('0xA700 when the data set is longer than the limit, which is swallowed and not kept', async () => {
    await using receiver = await Receiver.start({ limits: { storeDataSetBytes: 400_000 } });
    const { sopInstanceUid, dataSet } = ctImage(2, { pixelBytes: 450_000 });
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store({ sopInstanceUid }, dataSet));

    expect(await scu.hears()).toBe('a700');
    expect(scu.answer.errorComment).toBe('the data set is longer than the limit');
    expect(await receiver.parts()).toEqual([]);
  });

  test('an abort, when a data set goes on and on beyond the limit', async () => {
    await using receiver = await Receiver.start({ limits: { storeDataSetBytes: 400_000 } });
    const { sopInstanceUid, dataSet } = ctImage(3, { pixelBytes: 900_000 });
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store({ sopInstanceUid }, dataSet));

    expect(await scu.hears()).toBe('AB(2,6)');
    await until(async () => (await receiver.parts()).length === 0);
  });

  test('0x0000 for an object whose bytes, name, meta and row are as they came', async () => {
    await using receiver = await Receiver.start();
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store(image, image.dataSet));
    expect(await scu.hears()).toBe('0');

    const [stored] = await receiver.stored();
    if (stored === undefined) throw new Error('nothing is stored');
    const [digest, file] = stored;
    const { dataSetOffsetBytes, transferSyntaxUid } = parsePart10(file);
    expect(file.subarray(dataSetOffsetBytes).equals(image.dataSet)).toBe(true);
    expect(file.subarray(0, 128).equals(Buffer.alloc(128))).toBe(true);
    expect(transferSyntaxUid).toBe(explicitLittle);
    const [row] = await receiver.ledger.unroutedInstances(10);
    expect(row).toMatchObject({
      sopInstanceUid: image.sopInstanceUid,
      sopClassUid: ctClass,
      transferSyntaxUid: explicitLittle,
      digest,
      sizeBytes: file.length,
      dataSetOffsetBytes,
      modality: 'CT',
      callingAeTitle: 'RUDE',
      calledAeTitle: 'DIFFCODE',
      peerAddress: '127.0.0.1',
    });
  });
});

describe('one UID with other bytes', () => {
  const changed = Buffer.from(image.dataSet);
  changed.writeUInt8(0x77, changed.length - 1);

  test.for([
    { name: 'is a duplicate to most senders', onConflict: 'duplicate' as const, word: '111' },
    { name: 'is a success to a sender that bears nothing else', onConflict: 'success' as const, word: '0' },
  ])('$name, and kept aside in both cases', async ({ onConflict, word }) => {
    await using receiver = await Receiver.start({ callers: [{ aeTitle: '*', addresses: ['127.0.0.1'], onConflict }] });
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store({ messageId: 1, ...image }, image.dataSet), store({ messageId: 2, ...image }, changed));

    expect(await scu.hearsAll(2)).toEqual(['0', word]);
    expect(await receiver.ledger.sums()).toMatchObject({ received: 2, conflicts: 1 });
    expect(receiver.events('instance.conflict')).toHaveLength(1);
  });

  test('is a success when it is the same image in another transfer syntax', async () => {
    await using receiver = await Receiver.start();
    const contexts = [
      { id: 1, abstractSyntaxUid: ctClass, transferSyntaxUids: [explicitLittle] },
      { id: 3, abstractSyntaxUid: ctClass, transferSyntaxUids: [implicitLittle] },
    ];
    const scu = await RudeScu.associate(receiver.port, request({ contexts }));

    scu.send(store({ messageId: 1, ...image }, image.dataSet));
    scu.send(store({ messageId: 2, contextId: 3, ...image }, asImplicit(image.dataSet)));

    expect(await scu.hearsAll(2)).toEqual(['0', '0']);
    expect(await receiver.ledger.sums()).toMatchObject({ received: 2, conflicts: 1 });
  });
});

/** The elements of a data set without their VRs. */
function asImplicit(explicit: Buffer): Buffer {
  const elements: Buffer[] = [];
  for (let offset = 0; offset < explicit.length; ) {
    const long = ['OB', 'OW'].includes(explicit.toString('latin1', offset + 4, offset + 6));
    const lengthBytes = long ? explicit.readUInt32LE(offset + 8) : explicit.readUInt16LE(offset + 6);
    const value = offset + (long ? 12 : 8);
    const header = Buffer.alloc(8);
    explicit.copy(header, 0, offset, offset + 4);
    header.writeUInt32LE(lengthBytes, 4);
    elements.push(header, explicit.subarray(value, value + lengthBytes));
    offset = value + lengthBytes;
  }
  return Buffer.concat(elements);
}

describe('when the ledger', () => {
  test('is gone, a store is answered 0xA700, leaves no file, and the next association is put off', async () => {
    await using receiver = await Receiver.start();
    const scu = await RudeScu.associate(receiver.port);
    await receiver.ledger.close();

    scu.send(store(image, image.dataSet));

    expect(await scu.hears()).toBe('a700');
    expect(await receiver.stored()).toHaveLength(0);
    await expect(RudeScu.associate(receiver.port)).rejects.toThrow('RJ(2,3,2)');
    expect(await receiver.logged('ledger.unavailable')).toHaveLength(1);
  });

  test('is slower than the limit, the answer is 0xA700; the object stays, and its repeat is a success', async () => {
    let slow = true;
    await using receiver = await Receiver.start({
      limits: { commitMs: 1500 },
      faultyLedger: (ledger) => ({
        ...ledger,
        recordInstance: async (row) => {
          const outcome = await ledger.recordInstance(row);
          await until(() => !slow);
          return outcome;
        },
      }),
    });
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store({ messageId: 1, ...image }, image.dataSet));
    expect(await scu.hears()).toBe('a700');
    slow = false;
    await receiver.logged('instance.stored');
    scu.send(store({ messageId: 2, ...image }, image.dataSet));

    expect(await scu.hears()).toBe('0');
    expect(await receiver.stored()).toHaveLength(1);
  });

  test('throws what nobody expects, the answer is 0x0110 and the association goes on', async () => {
    await using receiver = await Receiver.start({
      faultyLedger: (ledger) => ({
        ...ledger,
        recordInstance: () => {
          throw new TypeError('not a function');
        },
      }),
    });
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store({ messageId: 1, ...image }, image.dataSet));
    expect(await scu.hears()).toBe('110');
    expect(await receiver.stored()).toHaveLength(0);

    scu.send(store({ messageId: 2, ...image }, image.dataSet.subarray(0, -1)));
    expect(await scu.hears()).toBe('c000');
    expect(await receiver.parts()).toEqual([]);
  });
});
