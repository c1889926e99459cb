import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeAssociateRequest } from '../../src/dimse/associate-request.ts';
import { Receiver, until } from '../peers/receiver.ts';
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
} from '../peers/rude-scu.ts';
import { ctImage } from '../peers/test-object.ts';

const seed = 20_260_101;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
});

afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
});

const image = fc.integer({ min: 1, max: 20 }).map((number) => ctImage(number, { pixelBytes: 2000 }));

/** What a peer may do next, sensible or not. */
const step: fc.Arbitrary<Buffer> = fc.oneof(
  fc.constant(encodeAssociateRequest(request())),
  fc.integer({ min: 1, max: 9 }).map((id) => pData(pdv(3, 3, echoCommand(id)))),
  fc
    .tuple(image, fc.integer({ min: 1, max: 9 }))
    .map(([object, messageId]) => store({ messageId, ...object }, object.dataSet)),
  image.map((object) => pData(pdv(1, 3, storeCommand(object)))),
  fc
    .tuple(image, fc.constantFrom(0, 2), fc.constantFrom(1, 3, 5, 7))
    .map(([{ dataSet }, control, contextId]) => pData(pdv(contextId, control, dataSet.subarray(0, 500)))),
  fc.constantFrom(0x05, 0x06, 0x07, 0x03, 0x02).map((type) => pdu(type, Buffer.alloc(type === 0x02 ? 80 : 4))),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.uint8Array({ maxLength: 200 }))
    .map(([type, body]) => pdu(type, Buffer.from(body))),
);

const ending = fc.constantFrom('release', 'abort', 'reset', 'close', 'silence');

test('whatever a peer does, it is answered or cut off, and leaves nothing behind', async () => {
  const property = fc.asyncProperty(
    fc.boolean(),
    fc.array(step, { maxLength: 8 }),
    ending,
    async (asks, steps, end) => {
      const scu = asks ? await RudeScu.associate(receiver.port) : await RudeScu.connect(receiver.port);
      for (const bytes of steps) scu.send(bytes);
      if (end === 'release') scu.release();
      if (end === 'abort') scu.abort();
      if (end === 'reset') scu.reset();
      if (end !== 'silence') await scu.hears(50);
      await closeAll();

      await until(async () => receiver.server.associations === 0 && (await receiver.parts()).length === 0);
    },
  );
  await fc.assert(property, { seed, numRuns: 100 });

  expect(await echo(receiver.port)).toBe('0');
  expect(receiver.events('store.defect')).toEqual([]);
  expect(receiver.log.filter((line) => line['errorCode'] === 'DIMSE_DEFECT')).toEqual([]);
});

function openHandles(): number {
  return readdirSync('/proc/self/fd').length;
}

test('five hundred associations one after the other leave as many handles open as there were', async () => {
  expect(await echo(receiver.port)).toBe('0');
  await until(() => receiver.server.associations === 0);
  const before = openHandles();

  for (let turn = 0; turn < 500; turn++) expect(await echo(receiver.port)).toBe('0');

  await until(() => receiver.server.associations === 0 && openHandles() <= before);
});
