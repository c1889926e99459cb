import { describe, expect, test } from 'vitest';
import { nodeFile } from '../../src/config/node-schema.ts';
import { parseAeTitle } from '../../src/dicom/ae-title.ts';
import { openCodecs } from '../../src/dicom/codecs/codecs.ts';
import { parsePart10 } from '../../src/dicom/part10.ts';
import { transcode } from '../../src/dicom/transcode.ts';
import { parseUid } from '../../src/dicom/uid.ts';
import { echo } from '../../src/sender/echo.ts';
import { knowsInstance } from '../../src/sender/find.ts';
import { instanceOf } from '../contract/ledger-rows.ts';
import { dcmtkMissing, Storescp } from '../peers/dcmtk.ts';
import { Orthanc, orthancMissing } from '../peers/orthanc.ts';
import { ctSlice, destinationAt, SenderDesk, type TestObject } from '../peers/sender-desk.ts';

const syntaxes = ['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.90', '1.2.840.10008.1.2.5', '1.2.840.10008.1.2'];
const slices = (count: number) => Array.from({ length: count }, (_, n) => ({ number: n + 1 }));
const limits = { maxInflatedBytes: 1 << 28 };

function dataSetOf(file: Buffer): Buffer {
  return file.subarray(parsePart10(file, limits).dataSetOffsetBytes);
}

/** Slices 101 and up, one in each syntax: JPEG-LS, JPEG 2000, RLE, implicit little endian. */
async function otherSyntaxes(): Promise<readonly TestObject[]> {
  const codecs = await openCodecs();
  return Promise.all(
    syntaxes.map(async (transferSyntaxUid, index) => {
      const number = 101 + index;
      const native = parsePart10(ctSlice(1, number), limits);
      const { ranges } = await transcode(native, parseUid(transferSyntaxUid), codecs);
      return { number, transferSyntaxUid, dataSet: Buffer.concat(ranges) };
    }),
  );
}

describe.skipIf(dcmtkMissing !== undefined)('storescp of DCMTK', () => {
  test('gets every slice, byte for byte, over two associations', async () => {
    await using peer = await Storescp.start('--fork');
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port, { associations: 2 }) });
    await desk.send(slices(40));
    desk.start();
    await desk.untilSums({ acknowledged: 40 });

    const received = await peer.received();
    expect(received.size).toBe(40);
    for (const { number } of slices(40)) {
      const file = received.get(`1.2.1.${number}`);
      expect(file && dataSetOf(file).equals(ctSlice(1, number))).toBe(true);
    }
  });

  test('gets compressed objects as they are when it takes their syntax', async () => {
    const objects = await otherSyntaxes();
    await using peer = await Storescp.start('+xa');
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) });
    await desk.send(objects);
    desk.start();
    await desk.untilSums({ acknowledged: objects.length });

    const received = [...(await peer.received()).values()].map(dataSetOf);
    for (const { dataSet } of objects) expect(received.some((one) => dataSet?.equals(one))).toBe(true);
  });

  test('gets the same objects in implicit little endian when it takes nothing else', async () => {
    const objects = await otherSyntaxes();
    await using peer = await Storescp.start('+xi');
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) });
    await desk.send(objects);
    desk.start();
    await desk.untilSums({ acknowledged: objects.length });

    const received = await peer.received();
    expect(received.size).toBe(objects.length);
    for (const file of received.values()) expect(parsePart10(file, limits).transferSyntaxUid).toBe('1.2.840.10008.1.2');
  });

  test('that aborts after each object leaves deliveries waiting', async () => {
    await using peer = await Storescp.start('--fork', '--abort-after');
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) });
    await desk.send(slices(2));
    desk.start();
    await desk.untilAttempts(1);

    expect(await desk.attempts()).toMatchObject([{ outcome: 'aborted' }]);
    expect(await desk.ledger.sums()).toMatchObject({ waiting: 2 });
  });

  test('that refuses associations leaves deliveries waiting', async () => {
    await using peer = await Storescp.start('--refuse');
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) });
    await desk.send(slices(1));
    desk.start();
    await desk.untilAttempts(1);

    expect(await desk.attempts()).toMatchObject([{ outcome: 'rejected' }]);
  });
});

describe.skipIf(orthancMissing !== undefined)('Orthanc', () => {
  test('gets every object, uncompressed and compressed, byte for byte', async () => {
    const objects = await otherSyntaxes();
    await using peer = await Orthanc.start();
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port, { associations: 2 }) });
    await desk.send([...slices(30), ...objects]);
    desk.start();
    await desk.untilSums({ acknowledged: 30 + objects.length });

    const objectsSent: readonly TestObject[] = [...slices(30), ...objects];
    const expected = objectsSent.map(({ number, dataSet }) => dataSet ?? ctSlice(1, number));
    const received = (await peer.files()).map(dataSetOf);
    expect(received).toHaveLength(expected.length);
    for (const one of expected) expect(received.some((other) => other.equals(one))).toBe(true);
  });

  test('answers C-ECHO and C-FIND, and is said to be unreachable when it has gone', async () => {
    const peer = await Orthanc.start();
    const target = {
      host: '127.0.0.1',
      port: peer.port,
      calledAeTitle: parseAeTitle('PEER'),
      callingAeTitle: parseAeTitle('DIFFCODE'),
    };
    const { sender } = nodeFile.parse({});
    const { signal } = new AbortController();

    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) });
    await desk.send(slices(1));
    desk.start();
    await desk.untilSums({ acknowledged: 1 });

    expect(await echo(target, sender, signal)).toEqual({ kind: 'answered', status: 0 });
    expect(await knowsInstance(target, instanceOf(1, 1), sender, signal)).toBe(true);
    expect(await knowsInstance(target, instanceOf(1, 2), sender, signal)).toBe(false);
    await peer[Symbol.asyncDispose]();
    expect(await echo(target, sender, signal)).toMatchObject({
      kind: 'failed',
      error: { code: 'SENDER_UNREACHABLE' },
    });
  });
});
