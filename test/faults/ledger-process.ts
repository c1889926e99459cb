import { openLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { instanceOf, pacs } from '../contract/ledger-rows.ts';

/**
 * Another process on the same ledger, started by the tests beside it:
 * `record FILE` stores instances for ever and sends the number of each that was acknowledged;
 * `claim FILE OWNER` claims deliveries until none is left and sends their UIDs.
 */
const [mode, file = '', owner = ''] = process.argv.slice(2);
const ledger = await openLedger({ file });

async function record(): Promise<void> {
  const atOnce = 8;
  for (let n = 1; ; n += atOnce) {
    const numbers = Array.from({ length: atOnce }, (_, i) => n + i);
    await Promise.all(
      numbers.map(async (number) => {
        await ledger.recordInstance(instanceOf(1, number));
        process.send?.(number);
      }),
    );
  }
}

async function claim(): Promise<void> {
  for (;;) {
    const claimed = await ledger.claimDeliveries(pacs, 3, { owner, until: 60_000 }, 2_000);
    if (claimed.length === 0) break;
    process.send?.(claimed.map(({ sopInstanceUid }) => sopInstanceUid));
  }
  await ledger.close();
  process.disconnect();
}

await (mode === 'record' ? record() : claim());
