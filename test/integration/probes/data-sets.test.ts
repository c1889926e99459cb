import { constants, createDeflateRaw, deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseUid } from '../../../src/dicom/uid.ts';
import { encodeCommandSet } from '../../../src/dimse/command-set.ts';
import { Receiver, until } from '../../peers/receiver.ts';
import {
  closeAll,
  ctClass,
  echo,
  mrClass,
  pData,
  pdv,
  RudeScu,
  request,
  store,
  storeCommand,
} from '../../peers/rude-scu.ts';
import { ctImage, element } from '../../peers/test-object.ts';

const deflated = '1.2.840.10008.1.2.1.99';
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

/** The status of one store on an association of its own. */
async function statusOf(sopInstanceUid: string, dataSet: Buffer, sopClassUid = ctClass): Promise<string> {
  const scu = await RudeScu.associate(receiver.port);
  scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid, sopClassUid }))));
  for (let offset = 0; offset < Math.max(1, dataSet.length); offset += 100_000) {
    const isLast = offset + 100_000 >= dataSet.length;
    await scu.sendAll(pData(pdv(1, isLast ? 2 : 0, dataSet.subarray(offset, offset + 100_000))));
  }
  return scu.hears(20_000);
}

async function isStored(sopInstanceUid: string): Promise<boolean> {
  await until(async () => (await receiver.parts()).length === 0);
  return [...(await receiver.stored()).values()].some((file) => file.includes(sopInstanceUid));
}

/** Sequences of undefined length, one inside the other. */
function bomb(depth: number): Buffer {
  const sequence = Buffer.from([0x40, 0, 0x75, 0xa3, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  const item = Buffer.from([0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff]);
  return Buffer.concat(Array.from({ length: depth }, () => Buffer.concat([sequence, item])));
}

describe('data sets that are not objects', () => {
  test('P29 an empty data set', async () => {
    expect(await statusOf(ctImage(29).sopInstanceUid, Buffer.alloc(0))).toBe('c000');
  });

  test('P30 a store without a data set', async () => {
    const { sopInstanceUid: affectedSopInstanceUid } = ctImage(30);
    const fields = { affectedSopClassUid: ctClass, commandField: 1, messageId: 1, dataSetType: 0x101 };
    const scu = await RudeScu.associate(receiver.port);

    scu.send(pData(pdv(1, 3, encodeCommandSet({ ...fields, affectedSopInstanceUid }))));

    expect(await scu.hears()).toBe('c000');
    expect(scu.answer.errorComment).toBe('no data set');
  });

  test('P31 a command that says MR on a context for CT', async () => {
    const { sopInstanceUid, dataSet } = ctImage(31);

    expect(await statusOf(sopInstanceUid, dataSet, mrClass)).toBe('a900');
    expect(await isStored(sopInstanceUid)).toBe(false);
  });

  test('P32 a command that names another instance than the data set', async () => {
    const { sopInstanceUid, dataSet } = ctImage(32);

    expect(await statusOf('9.9.9', dataSet)).toBe('a900');
    expect(await isStored(sopInstanceUid)).toBe(false);
  });

  test('P33 an instance UID that is a path', async () => {
    const { sopInstanceUid, dataSet } = ctImage(33);

    expect(await statusOf('../../../x', dataSet)).toBe('117');
    expect(await isStored(sopInstanceUid)).toBe(false);
  });

  test('P34 a data set that lacks its last 100 bytes', async () => {
    const { sopInstanceUid, dataSet } = ctImage(34);

    expect(await statusOf(sopInstanceUid, dataSet.subarray(0, -100))).toBe('c000');
    expect(await isStored(sopInstanceUid)).toBe(false);
  });

  test('P35 a thousand bytes DE', async () => {
    expect(await statusOf(ctImage(35).sopInstanceUid, Buffer.alloc(1000, 0xde))).toBe('c000');
  });

  test('P36 a hundred thousand nested sequences in place of the instance UID', async () => {
    const { sopInstanceUid, dataSet } = ctImage(36);

    expect(await statusOf(sopInstanceUid, Buffer.concat([dataSet.subarray(0, 34), bomb(100_000)]))).toBe('c000');
  });

  test('P36 the same behind the identity of the object is stored as it is', async () => {
    const { sopInstanceUid, dataSet } = ctImage(361);
    const beforePixels = dataSet.subarray(0, dataSet.length - 524);

    expect(await statusOf(sopInstanceUid, Buffer.concat([beforePixels, bomb(100_000)]))).toBe('0');
    expect(await isStored(sopInstanceUid)).toBe(true);
  });

  test('an object that belongs to no study or series is kept as a series of its own', async () => {
    const { sopInstanceUid, dataSet } = ctImage(37);
    const withoutSeries = dataSet.subarray(0, dataSet.indexOf(Buffer.from([0x20, 0, 0x0d, 0])));

    expect(await statusOf(sopInstanceUid, withoutSeries)).toBe('0');
    expect(await receiver.ledger.seriesInstances(parseUid(sopInstanceUid))).toHaveLength(1);
  });
});

describe('deflated data sets', () => {
  const contexts = [{ id: 1, abstractSyntaxUid: ctClass, transferSyntaxUids: [deflated] }];

  test('a deflated object is stored as it came', async () => {
    const { sopInstanceUid, dataSet } = ctImage(530);
    const scu = await RudeScu.associate(receiver.port, request({ contexts }));
    const bytes = deflateRawSync(dataSet);

    scu.send(store({ sopInstanceUid }, bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)])));

    expect(await scu.hears()).toBe('0');
    expect([...(await receiver.stored()).values()].some((file) => file.includes(bytes))).toBe(true);
  });

  test('P53 ten megabytes that inflate to ten gigabytes cost no memory', async () => {
    const { sopInstanceUid, dataSet } = ctImage(53);
    const head = dataSet.subarray(0, dataSet.length - 524);
    const endless = element(0x7fe0, 0x0010, 'OB', Buffer.alloc(0));
    endless.writeUInt32LE(0xffff_fffe, 8);
    const start = await flushed(Buffer.concat([head, endless]));
    const tenMegabytesOfZeros = await flushed(Buffer.alloc(10 * 1024 * 1024));
    const scu = await RudeScu.associate(receiver.port, request({ contexts }));
    const residentBytes = process.memoryUsage.rss();

    scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid })), pdv(1, 0, start)));
    for (let sent = 0; sent < 1000; sent++) await scu.sendAll(pData(pdv(1, 0, tenMegabytesOfZeros)));
    scu.send(pData(pdv(1, 2, deflateRawSync(Buffer.alloc(0)))));

    expect(['0', 'c000']).toContain(await scu.hears(20_000));
    expect(process.memoryUsage.rss() - residentBytes).toBeLessThan(100 * 1024 * 1024);
  });
});

/** Deflated bytes that end on a byte boundary, so that more of the same stream can follow. */
async function flushed(bytes: Buffer): Promise<Buffer> {
  const stream = createDeflateRaw();
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.write(bytes);
  await new Promise<void>((resolve) => {
    stream.flush(constants.Z_FULL_FLUSH, resolve);
  });
  stream.destroy();
  return Buffer.concat(pieces);
}

describe('the same object again', () => {
  test('P54 the same bytes are a success, other bytes under the same UID a duplicate', async () => {
    const { sopInstanceUid, dataSet } = ctImage(54);
    const other = Buffer.from(dataSet);
    other.writeUInt8(0xee, other.length - 1);

    expect(await statusOf(sopInstanceUid, dataSet)).toBe('0');
    expect(await statusOf(sopInstanceUid, dataSet)).toBe('0');
    expect(await statusOf(sopInstanceUid, other)).toBe('111');

    const files = [...(await receiver.stored()).values()].filter((file) => file.includes(sopInstanceUid));
    expect(files).toHaveLength(2);
    expect((await receiver.ledger.sums()).conflicts).toBe(1);
  });

  test('P55 two associations send one object at the same time: two successes, one file', async () => {
    const { sopInstanceUid, dataSet } = ctImage(55, { pixelBytes: 300_000 });
    const scus = await Promise.all([RudeScu.associate(receiver.port), RudeScu.associate(receiver.port)]);

    for (const scu of scus) scu.send(store({ sopInstanceUid }, dataSet));

    expect(await Promise.all(scus.map((scu) => scu.hears()))).toEqual(['0', '0']);
    const files = [...(await receiver.stored()).values()].filter((file) => file.includes(sopInstanceUid));
    expect(files).toHaveLength(1);
  });
});
