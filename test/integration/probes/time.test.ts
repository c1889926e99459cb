import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Receiver } from '../../peers/receiver.ts';
import { closeAll, echo, echoCommand, pData, pdv, RudeScu, storeCommand } from '../../peers/rude-scu.ts';
import { ctImage } from '../../peers/test-object.ts';

// The limits of dicom-io.md 3.4, shortened about a hundredfold: ARTIM 10 s, inactivity 30 s, 8 KiB/s over 60 s, idle 600 s.
const limits = { artimMs: 300, inactivityMs: 400, slowestOverMs: 800, slowestBytesPerSecond: 8192, idleMs: 1500 };
let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start({ limits });
});

afterEach(async () => {
  await closeAll();
  expect(await echo(receiver.port)).toBe('0');
});

afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
});

async function timed<T>(action: () => Promise<T>): Promise<{ readonly result: T; readonly elapsedMs: number }> {
  const startedMs = performance.now();
  const result = await action();
  return { result, elapsedMs: performance.now() - startedMs };
}

test('P37 silence behind the first bytes of a PDU ends in AB(2,0) at the inactivity limit', async () => {
  const scu = await RudeScu.associate(receiver.port);

  scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid: '1.2.3' }))).subarray(0, 8));
  const { result, elapsedMs } = await timed(() => scu.hears());

  expect(result).toBe('AB(2,0)');
  expect(elapsedMs).toBeGreaterThan(limits.inactivityMs - 50);
  expect((await receiver.logged('association.aborted')).at(-1)).toMatchObject({ errorCode: 'DIMSE_INACTIVE' });
});

test('silence between two fragments of a data set ends the same way, and leaves no file', async () => {
  const { sopInstanceUid, dataSet } = ctImage(37);
  const scu = await RudeScu.associate(receiver.port);

  scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid })), pdv(1, 0, dataSet)));

  expect(await scu.hears()).toBe('AB(2,0)');
  expect(await receiver.parts()).toEqual([]);
});

test('P38 a connection that asks for nothing is closed at ARTIM', async () => {
  const scu = await RudeScu.connect(receiver.port);

  const { result, elapsedMs } = await timed(() => scu.hears());

  expect(['FIN', 'closed', 'RST']).toContain(result);
  expect(elapsedMs).toBeGreaterThan(limits.artimMs - 50);
});

/** Sends a few bytes again and again until something is heard. */
async function trickle(scu: RudeScu, bytes: Buffer): Promise<string> {
  const timer = setInterval(() => scu.send(bytes), 50);
  try {
    return await scu.hears();
  } finally {
    clearInterval(timer);
  }
}

test('a request that trickles is closed at ARTIM too', async () => {
  const scu = await RudeScu.connect(receiver.port);

  scu.send(Buffer.from([1, 0, 0, 0, 0, 200]));

  expect(['FIN', 'closed', 'RST']).toContain(await trickle(scu, Buffer.alloc(1)));
});

test('P52 a message at a trickle ends in AB(2,0) when the average is known', async () => {
  const scu = await RudeScu.associate(receiver.port);

  scu.send(pData(pdv(1, 3, storeCommand({ sopInstanceUid: '1.2.3' })), pdv(1, 0, Buffer.alloc(2000))).subarray(0, 300));
  const { result, elapsedMs } = await timed(() => trickle(scu, Buffer.alloc(5)));

  expect(result).toBe('AB(2,0)');
  expect(elapsedMs).toBeGreaterThan(limits.slowestOverMs - 100);
  expect((await receiver.logged('association.aborted')).at(-1)).toMatchObject({ errorCode: 'DIMSE_TOO_SLOW' });
});

test('an open association without messages ends in AB(2,0) at the idle limit', async () => {
  const scu = await RudeScu.associate(receiver.port);
  scu.send(pData(pdv(3, 3, echoCommand(1))));
  await scu.hears();

  const { result, elapsedMs } = await timed(() => scu.hears());

  expect(result).toBe('AB(2,0)');
  expect(elapsedMs).toBeGreaterThan(limits.idleMs - 100);
});
