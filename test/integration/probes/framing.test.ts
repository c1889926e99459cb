import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Receiver } from '../../peers/receiver.ts';
import {
  closeAll,
  echo,
  echoCommand,
  pData,
  pdu,
  pdv,
  RudeScu,
  request,
  store,
  storeCommand,
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

describe('what may stand in a PDU', () => {
  test('P01 two data PDVs in one PDU are one data set', async () => {
    const { sopInstanceUid, dataSet } = ctImage(1);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid }))));
    scu.send(pData(pdv(1, 0, dataSet.subarray(0, 100)), pdv(1, 2, dataSet.subarray(100))));

    expect(await scu.hears()).toBe('0');
  });

  test('P02 command and data set share one PDU', async () => {
    const { sopInstanceUid, dataSet } = ctImage(2);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid })), pdv(1, 2, dataSet)));

    expect(await scu.hears()).toBe('0');
  });

  test('P03 two C-ECHO in one PDU get two answers', async () => {
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(3, 3, echoCommand(1)), pdv(3, 3, echoCommand(2))));

    expect(await scu.hearsAll(2)).toEqual(['0', '0']);
  });

  test('P04 a command comes in three PDVs over two PDUs', async () => {
    const { sopInstanceUid, dataSet } = ctImage(4);
    const command = storeCommand({ sopInstanceUid });
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 1, command.subarray(0, 10)), pdv(1, 1, command.subarray(10, 50))));
    scu.send(pData(pdv(1, 3, command.subarray(50))), pData(pdv(1, 2, dataSet)));

    expect(await scu.hears()).toBe('0');
  });

  test('P05 five pipelined stores in small fragments are answered in order', async () => {
    const scu = await RudeScu.associate(receiver.port, request({ window: { invoked: 8, performed: 1 } }));
    expect(scu.accepted.window).toEqual({ invoked: 8, performed: 1 });

    const ids: (number | undefined)[] = [];
    for (const messageId of [11, 12, 13, 14, 15]) {
      const { sopInstanceUid, dataSet } = ctImage(500 + messageId, { pixelBytes: 3000 });
      scu.send(store({ messageId, sopInstanceUid }, dataSet, 300));
    }
    for (let index = 0; index < 5; index++) {
      expect(await scu.hears()).toBe('0');
      ids.push(scu.answer.messageIdBeingRespondedTo);
    }

    expect(ids).toEqual([11, 12, 13, 14, 15]);
  });

  test('P06 five pipelined C-ECHO get five answers', async () => {
    const scu = await RudeScu.associate(receiver.port);

    for (const id of [1, 2, 3, 4, 5]) scu.send(pData(pdv(3, 3, echoCommand(id))));

    expect(await scu.hearsAll(5)).toEqual(['0', '0', '0', '0', '0']);
  });

  test('P07 a store comes one byte at a time', async () => {
    const { sopInstanceUid, dataSet } = ctImage(7, { pixelBytes: 64 });
    const scu = await RudeScu.associate(receiver.port);

    for (const byte of store({ sopInstanceUid }, dataSet)) await scu.sendAll(Buffer.of(byte));

    expect(await scu.hears()).toBe('0');
  });

  test('P48 fragments of odd length are taken', async () => {
    const { sopInstanceUid, dataSet } = ctImage(48);
    const scu = await RudeScu.associate(receiver.port);

    scu.send(store({ sopInstanceUid }, dataSet, 333));

    expect(await scu.hears()).toBe('0');
  });
});

describe('what may not', () => {
  test.for([
    { name: 'P18 a PDU of an unknown type', bytes: pdu(0x42, Buffer.alloc(4)), word: 'AB(2,1)' },
    { name: 'P19 a PDV of length zero', bytes: pdu(4, Buffer.from([0, 0, 0, 0, 1, 3])), word: 'AB(2,6)' },
    {
      name: 'P20 a PDV longer than its PDU',
      bytes: pdu(4, Buffer.from([0, 0, 0x10, 0, 1, 3, 0, 0, 0])),
      word: 'AB(2,6)',
    },
  ])('$name is answered with $word', async ({ bytes, word }) => {
    const scu = await RudeScu.associate(receiver.port);

    scu.send(bytes);

    expect(await scu.hearsAll(2)).toEqual([word, 'FIN']);
  });

  test('P21 a PDU of 4 GiB is refused at its header, and its bytes are not kept', async () => {
    const scu = await RudeScu.associate(receiver.port);
    const zeros = Buffer.alloc(1024 * 1024);
    const residentBytes = process.memoryUsage.rss();

    scu.send(Buffer.from([4, 0, 0xff, 0xff, 0xff, 0xff]));
    const flood = (async () => {
      for (let sent = 0; sent < 64; sent++) await scu.sendAll(zeros);
    })();
    expect(await scu.hears()).toBe('AB(2,6)');
    expect(await echo(receiver.port)).toBe('0');

    expect(process.memoryUsage.rss() - residentBytes).toBeLessThan(40 * 1024 * 1024);
    scu.close();
    await flood;
  });

  test('P22 a web browser is told that this is no web server', async () => {
    const scu = await RudeScu.connect(receiver.port);

    scu.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));

    expect(await scu.hearsAll(2)).toEqual(['AB(2,1)', 'FIN']);
  });
});
