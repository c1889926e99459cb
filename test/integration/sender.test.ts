import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Destination } from '../../src/config/schema.ts';
import { until } from '../peers/receiver.ts';
import { type Manners, RudeScp, type StoreManners } from '../peers/rude-scp.ts';
import { ctSlice, destinationAt, SenderDesk } from '../peers/sender-desk.ts';

const slices = (count: number, series = 1) => Array.from({ length: count }, (_, n) => ({ series, number: n + 1 }));
const uids = (peer: RudeScp): readonly string[] => peer.received.map(({ sopInstanceUid }) => sopInstanceUid);

/** A peer with one destination on it. */
async function peerAndDesk(
  manners: Manners = {},
  destination: Partial<Destination> = {},
  settings: Parameters<typeof SenderDesk.open>[1] = {},
): Promise<AsyncDisposable & { readonly peer: RudeScp; readonly desk: SenderDesk }> {
  const peer = await RudeScp.start(manners);
  const desk = await SenderDesk.open({ pacs: destinationAt(peer.port, destination) }, settings);
  return {
    peer,
    desk,
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

describe('what is sent', () => {
  test('is the data set as it was stored, byte for byte, in the order of arrival', async () => {
    await using room = await peerAndDesk();
    const { peer, desk } = room;
    await desk.send(slices(5));
    desk.start();
    await desk.untilSums({ acknowledged: 5 });

    expect(uids(peer)).toEqual(['1.2.1.1', '1.2.1.2', '1.2.1.3', '1.2.1.4', '1.2.1.5']);
    expect(peer.received[2]?.dataSet.equals(ctSlice(1, 3))).toBe(true);
    expect(peer.associations).toBe(1);
  });

  test.for([
    { name: 'the smallest that we accept', maxPduLengthBytes: 128 },
    { name: 'an odd one', maxPduLengthBytes: 4_097 },
    { name: 'DCMTK’s', maxPduLengthBytes: 16_384 },
    { name: 'larger than ours', maxPduLengthBytes: 1 << 22 },
    { name: 'no limit', maxPduLengthBytes: 0 },
  ])('keeps to the peer’s PDU length: $name', async ({ maxPduLengthBytes }) => {
    await using room = await peerAndDesk({ maxPduLengthBytes });
    const { peer, desk } = room;
    const pixels = Buffer.alloc(700_000, 7);
    await desk.send([{ number: 1, dataSet: Buffer.concat([ctSlice(1, 1), pixels]) }]);
    desk.start();
    await desk.untilSums({ acknowledged: 1 });

    const longest = maxPduLengthBytes === 0 ? 131_072 : Math.min(maxPduLengthBytes, 262_144);
    expect(Math.max(...peer.pDataLengths)).toBeLessThanOrEqual(longest);
    expect(peer.pDataLengths.every((lengthBytes) => lengthBytes % 2 === 0)).toBe(true);
    expect(peer.received[0]?.dataSet.subarray(-pixels.length).equals(pixels)).toBe(true);
  });

  test('waits for each answer where the peer grants no window', async () => {
    await using room = await peerAndDesk();
    await room.desk.send(slices(6));
    room.desk.start();
    await room.desk.untilSums({ acknowledged: 6 });

    expect(room.peer.mostUnanswered).toBe(1);
  });

  test('has up to as many unanswered as the peer grants', async () => {
    await using room = await peerAndDesk({ window: { invoked: 4, performed: 1 }, answersAtOnce: 4 });
    await room.desk.send(slices(20));
    room.desk.start();
    await room.desk.untilSums({ acknowledged: 20 });

    expect(room.peer.mostUnanswered).toBe(4);
  });

  test('goes over as many associations as the destination allows', async () => {
    await using room = await peerAndDesk({}, { associations: 3 });
    await room.desk.send(slices(40));
    room.desk.start();
    await room.desk.untilSums({ acknowledged: 40 });

    expect(room.peer.associations).toBe(3);
    expect(new Set(uids(room.peer)).size).toBe(40);
  });

  test('needs a second association when its classes do not fit into 128 contexts', async () => {
    await using room = await peerAndDesk();
    const objects = Array.from({ length: 70 }, (_, n) => ({ number: n + 1, sopClassUid: `1.2.840.10008.5.1.4.${n}` }));
    await room.desk.send(objects);
    room.desk.start();
    await room.desk.untilSums({ acknowledged: 70 });

    expect(room.peer.associations).toBe(2);
  });
});

describe('a file', () => {
  test.for([
    { name: 'that is damaged', damage: (path: string) => writeFile(path, Buffer.alloc(9_000, 1)) },
    { name: 'that is missing', damage: (path: string) => rm(path) },
  ])('$name is refused and never sent whole; the others go', async ({ damage }) => {
    await using room = await peerAndDesk();
    const { peer, desk } = room;
    await desk.send(slices(3));
    const row = await desk.instance(1, 2);
    await damage(desk.spool.path('instance', row.digest));
    desk.start();
    await desk.untilSums({ acknowledged: 2, refused: 1 });

    expect(uids(peer)).toEqual(['1.2.1.1', '1.2.1.3']);
    expect(await desk.attempts()).toContainEqual(expect.objectContaining({ outcome: 'unreadable' }));
  });

  test('that is damaged far behind its first slice ends the association, and the rest goes over another', async () => {
    await using room = await peerAndDesk();
    const { peer, desk } = room;
    const large = Buffer.concat([ctSlice(1, 1), Buffer.alloc(600_000)]);
    await desk.send([{ number: 1, dataSet: large }, ...slices(3).slice(1)]);
    const row = await desk.instance(1, 1);
    await writeFile(desk.spool.path('instance', row.digest), Buffer.alloc(row.sizeBytes, 3));
    desk.start();
    await desk.untilSums({ acknowledged: 2, refused: 1 });

    expect(uids(peer)).toEqual(['1.2.1.2', '1.2.1.3']);
    expect(peer.aborts).toEqual(['0,0']);
  });
});

describe('a destination that is down', () => {
  test('delays no other, and gets everything once it is up', async () => {
    const down = await RudeScp.start();
    const { port } = down;
    await down[Symbol.asyncDispose]();
    await using archive = await RudeScp.start();
    const destinations = { pacs: destinationAt(port), archive: destinationAt(archive.port) };
    await using desk = await SenderDesk.open(destinations);
    await desk.send(slices(30));
    desk.start();
    await desk.untilSums({ acknowledged: 30 });
    await until(async () => (await desk.attempts()).some(({ outcome }) => outcome === 'unreachable'));
    expect(await desk.ledger.sums()).toMatchObject({ due: 60, waiting: 30 });

    await using up = await RudeScp.start({}, port);
    desk.passTime(900_000);
    await desk.untilSums({ acknowledged: 60 });

    expect(new Set(uids(up)).size).toBe(30);
  });

  test('is tried again after 5, 10 and 20 s, then asked by C-ECHO alone; a restart in between keeps the wait', async () => {
    await using room = await peerAndDesk({ negotiate: 'abort' });
    const { peer, desk } = room;
    await desk.send(slices(4));
    desk.start();
    await desk.untilAttempts(1);
    expect(await desk.waitMs()).toBeCloseTo(5_000, -3);

    desk.passTime(5_100);
    await desk.untilAttempts(2);
    expect(await desk.waitMs()).toBeCloseTo(10_000, -3);

    await desk.restart();
    desk.passTime(4_000);
    await desk.settle();
    expect(peer.associations).toBe(2);
    desk.passTime(6_100);
    await desk.untilAttempts(3);
    expect(await desk.waitMs()).toBeCloseTo(20_000, -3);

    desk.passTime(20_100);
    await until(() => peer.associations === 4);
    await desk.settle();
    expect(await desk.attempts()).toHaveLength(3);

    peer.manners = {};
    desk.passTime(40_100);
    await desk.untilSums({ acknowledged: 4 });
    expect(peer.echoes).toBe(1);
  });

  test('is tried every 15 minutes when it rejects us for good', async () => {
    await using room = await peerAndDesk({ negotiate: 'reject' });
    await room.desk.send(slices(1));
    room.desk.start();
    await room.desk.untilAttempts(1);

    expect(await room.desk.waitMs()).toBeCloseTo(900_000, -3);
  });
});

describe('an object', () => {
  test('that fails eight times is refused', async () => {
    await using room = await peerAndDesk({ store: () => 0x0110 });
    const { desk } = room;
    await desk.send(slices(1));
    desk.start();
    for (let failures = 1; failures <= 8; failures++) {
      await until(async () => (await desk.attempts()).length === failures);
      expect(await desk.ledger.sums()).toMatchObject(failures < 8 ? { waiting: 1 } : { refused: 1 });
      desk.passTime(900_000);
    }
  });

  test('that the peer has from an attempt before counts as acknowledged when it says so', async () => {
    const answers: StoreManners[] = ['abort', 0x0111];
    await using room = await peerAndDesk({ store: (count) => answers[count - 1] ?? 0 });
    const { desk } = room;
    await desk.send(slices(1));
    desk.start();
    await until(async () => (await desk.attempts()).length === 1);
    desk.passTime(900_000);
    await desk.untilSums({ acknowledged: 1 });

    expect((await desk.attempts()).map(({ outcome }) => outcome)).toEqual(['aborted', 'duplicate']);
  });

  test.for([
    { name: 'that the peer finds counts as acknowledged', finds: ['9.9.9', '1.2.1.1'], state: 'acknowledged' },
    { name: 'that the peer does not find is refused', finds: [], state: 'refused' },
    { name: 'that the peer answers with others for is refused', finds: ['9.9.9'], state: 'refused' },
  ])('that the peer calls a duplicate at the first attempt, and $name', async ({ finds, state }) => {
    await using room = await peerAndDesk({ store: () => 0x0111, finds });
    await room.desk.send(slices(1));
    room.desk.start();
    await room.desk.untilSums({ [state]: 1 });

    expect(await room.desk.attempts()).toMatchObject([{ outcome: 'duplicate', dimseStatus: 0x0111 }]);
  });

  test('that brings every association down does not hold the others up', async () => {
    await using room = await peerAndDesk({ store: (_count, uid) => (uid === '1.2.1.2' ? 'abort-in-mid-store' : 0) });
    const { peer, desk } = room;
    await desk.send(slices(6));
    desk.start();
    await desk.untilSums({ acknowledged: 5, waiting: 1 });

    expect(new Set(uids(peer)).size).toBe(5);
  });

  test('that meets a full disk waits; after three in a row so do the others', async () => {
    await using room = await peerAndDesk({ store: (count) => (count > 2 ? 0xa700 : 0) });
    const { peer, desk } = room;
    await desk.send(slices(20));
    desk.start();
    await until(() => peer.count >= 5);
    await desk.settle();

    expect(await desk.ledger.sums()).toMatchObject({ acknowledged: 2, waiting: 18, refused: 0 });
    expect(peer.count).toBeLessThanOrEqual(8);
    peer.manners = {};
    desk.passTime(900_000);
    await desk.untilSums({ acknowledged: 20 });
  });
});

test('a closed window holds deliveries, and an open one lets them go', async () => {
  await using room = await peerAndDesk({}, { window: 'nights' });
  const { peer, desk } = room;
  desk.closedWindows.add('nights');
  await desk.send(slices(2));
  desk.start();
  await desk.settle();
  expect(peer.associations).toBe(0);

  desk.closedWindows.delete('nights');
  desk.passTime(0);
  await desk.untilSums({ acknowledged: 2 });
});

test('a destination that is switched off gets nothing until it is switched on', async () => {
  await using room = await peerAndDesk({}, { enabled: false });
  const { peer, desk } = room;
  await desk.send(slices(2));
  const sender = desk.start();
  await desk.settle();
  expect(peer.associations).toBe(0);

  await sender.reconfigure({ pacs: destinationAt(peer.port) }, 1_000);
  await desk.untilSums({ acknowledged: 2 });
});

test('stopping in the middle ends the object at hand, gives the rest back, and the next start sends only that', async () => {
  await using room = await peerAndDesk();
  const { peer, desk } = room;
  await desk.send(slices(200));
  desk.start();
  await until(() => peer.count >= 20);
  await desk.restart();
  await desk.untilSums({ acknowledged: 200 });

  expect(peer.received).toHaveLength(200);
  expect(peer.aborts).toEqual([]);
});

test('stopping while a peer is silent ends with the grace, and nothing is lost', async () => {
  await using room = await peerAndDesk({ store: () => 'silence' });
  const { peer, desk } = room;
  await desk.send(slices(3));
  const sender = desk.start();
  await until(() => peer.count === 1);

  await sender.stop(50);

  expect(await desk.ledger.sums()).toMatchObject({ waiting: 3, sending: 0 });
  await until(() => peer.aborts.length === 1);
});

test('deliveries that a dead node had claimed are sent when its lease has run out', async () => {
  await using room = await peerAndDesk();
  const { desk } = room;
  await desk.send(slices(3));
  await desk.claimAsDeadNode('pacs', 60_000);
  desk.start();
  await desk.settle();
  expect(await desk.ledger.sums()).toMatchObject({ sending: 3 });

  desk.passTime(60_100);
  await desk.untilSums({ acknowledged: 3 });
});
