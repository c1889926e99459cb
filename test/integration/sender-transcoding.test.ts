import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Codecs, openCodecs } from '../../src/dicom/codecs/codecs.ts';
import { walkDataSet } from '../../src/dicom/data-set.ts';
import { parsePart10 } from '../../src/dicom/part10.ts';
import { decodePixels } from '../../src/dicom/pixels.ts';
import { encodingOf, findTransferSyntax } from '../../src/dicom/transfer-syntax.ts';
import type { ProposedContext } from '../../src/dimse/associate-request.ts';
import { until } from '../peers/receiver.ts';
import { type Received, RudeScp } from '../peers/rude-scp.ts';
import { destinationAt, SenderDesk } from '../peers/sender-desk.ts';

const explicitLittle = '1.2.840.10008.1.2.1';
const implicitLittle = '1.2.840.10008.1.2';
const jpeg2000 = '1.2.840.10008.1.2.4.90';
const jpegLs = '1.2.840.10008.1.2.4.80';

const only =
  (wanted: string) =>
  ({ transferSyntaxUids }: ProposedContext): string | undefined =>
    transferSyntaxUids.find((uid) => uid === wanted);

const fixture = (name: string): Promise<Buffer> => readFile(new URL(`../fixtures/zoo/${name}`, import.meta.url));

let codecs: Codecs;
beforeAll(async () => {
  codecs = await openCodecs();
});

const limits = { maxInflatedBytes: 1 << 28 };

async function storedValues(file: Buffer): Promise<unknown> {
  return (await decodePixels(parsePart10(file, limits), codecs)).stored;
}

/** The pixels of what a peer got. */
async function receivedValues({ dataSet, transferSyntaxUid }: Received): Promise<unknown> {
  const syntax = findTransferSyntax(transferSyntaxUid);
  if (syntax === undefined) throw new Error('unknown transfer syntax');
  const walked = walkDataSet(dataSet, encodingOf(transferSyntaxUid));
  const part10 = { ...parsePart10(dataSet, limits), dataSet: walked, transferSyntaxUid: syntax.uid };
  return (await decodePixels(part10, codecs)).stored;
}

const files = [
  'ts-mr-jpegls-lossless.dcm',
  'ts-mr-j2k-lossless.dcm',
  'ts-mr-rle.dcm',
  'ts-mr-explicit-be.dcm',
  'ts-mr-implicit-le.dcm',
  'mf-mr-enhanced-jls.dcm',
];

describe.for(files)('%s', (name) => {
  test('goes as it is stored where its own transfer syntax is accepted', async () => {
    const file = await fixture(name);
    await using peer = await RudeScp.start();
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) });
    await desk.send([{ file }]);
    desk.start();
    await desk.untilSums({ acknowledged: 1 });

    const { dataSetOffsetBytes, transferSyntaxUid } = parsePart10(file, limits);
    expect(peer.received[0]?.transferSyntaxUid).toBe(transferSyntaxUid);
    expect(peer.received[0]?.dataSet.equals(file.subarray(dataSetOffsetBytes))).toBe(true);
  });

  test.for([explicitLittle, implicitLittle])('has the same pixels where only %s is accepted', async (wanted) => {
    const file = await fixture(name);
    await using peer = await RudeScp.start({ accept: only(wanted) });
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) });
    await desk.send([{ file }]);
    desk.start();
    await desk.untilSums({ acknowledged: 1 });

    const [received] = peer.received;
    if (received === undefined) throw new Error('nothing came');
    expect(received.transferSyntaxUid).toBe(wanted);
    expect(await receivedValues(received)).toEqual(await storedValues(file));
  });
});

describe('a destination that accepts only JPEG 2000', () => {
  test('gets it over a second association when the configuration offers it', async () => {
    const file = await fixture('ts-mr-jpegls-lossless.dcm');
    await using peer = await RudeScp.start({ accept: only(jpeg2000) });
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port, { offer: ['j2k-lossless', 'rle'] }) });
    await desk.send([{ file }]);
    desk.start();
    await desk.untilSums({ acknowledged: 1 });

    expect(peer.associations).toBe(2);
    const [received] = peer.received;
    if (received === undefined) throw new Error('nothing came');
    expect(received.transferSyntaxUid).toBe(jpeg2000);
    expect(await receivedValues(received)).toEqual(await storedValues(file));
  });

  test('refuses everything when the configuration offers nothing', async () => {
    await using peer = await RudeScp.start({ accept: only(jpeg2000) });
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) });
    await desk.send([{ number: 1 }]);
    desk.start();
    await desk.untilSums({ refused: 1 });

    expect(await desk.attempts()).toMatchObject([{ outcome: 'no-context' }]);
    expect(peer.associations).toBe(1);
  });

  test('that takes none of the offer either leaves its deliveries refused', async () => {
    await using peer = await RudeScp.start({ accept: () => undefined });
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port, { offer: ['jpeg-ls'] }) });
    await desk.send([{ number: 1 }, { number: 2 }]);
    desk.start();
    await desk.untilSums({ refused: 2 });

    expect(peer.associations).toBe(2);
  });
});

test('an object that can not be transcoded is refused with its reason, and the others go', async () => {
  await using peer = await RudeScp.start({ accept: only(explicitLittle) });
  await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) });
  await desk.send([{ number: 1 }, { number: 2, transferSyntaxUid: jpegLs }]);
  desk.start();
  await until(async () => (await desk.attempts()).length === 2);

  expect(await desk.ledger.sums()).toMatchObject({ acknowledged: 1, refused: 1 });
  expect(await desk.attempts()).toContainEqual(
    expect.objectContaining({ outcome: 'no-context', reason: expect.stringContaining('not transcoded: DICOM_') }),
  );
});
