import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Receiver } from '../../peers/receiver.ts';
import { echo, pData, pdv, RudeScu, storeCommand } from '../../peers/rude-scu.ts';
import { ctImage } from '../../peers/test-object.ts';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
});

afterEach(async () => {
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
});
