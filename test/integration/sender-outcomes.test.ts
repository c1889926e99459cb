import { describe, expect, test } from 'vitest';
import type { LedgerSums } from '../../src/ledger/sums.ts';
import { until } from '../peers/receiver.ts';
import { type Manners, RudeScp } from '../peers/rude-scp.ts';
import { destinationAt, SenderDesk } from '../peers/sender-desk.ts';

const implicitLittle = '1.2.840.10008.1.2';

/** Timeouts that a test can wait for; back-offs that it can not, so that a delivery stays as the attempt left it. */
const impatient = {
  connectTimeoutMs: 300,
  acceptTimeoutMs: 300,
  responseTimeoutMs: 300,
  drainTimeoutMs: 300,
  releaseTimeoutMs: 300,
  backoffFirstMs: 60_000,
};

type State = 'acknowledged' | 'warned' | 'refused' | 'waiting';

interface Case {
  readonly name: string;
  readonly manners: Manners;
  readonly outcome: string;
  readonly state: State;
  readonly dimseStatus?: number;
  /** What the peer hears from us. */
  readonly abort?: string;
}

const status = (dimseStatus: number, outcome: string, state: State): Case => ({
  name: `answers 0x${dimseStatus.toString(16).padStart(4, '0')}`,
  manners: { store: () => dimseStatus },
  outcome,
  state,
  dimseStatus,
});

// biome-ignore format: one row per manner, in the order of dicom-io.md 4.3
const cases: readonly Case[] = [
  status(0x0000, 'acknowledged', 'acknowledged'),
  status(0xb000, 'warned', 'warned'),
  status(0xb006, 'warned', 'warned'),
  status(0xb007, 'warned', 'warned'),
  status(0x0107, 'warned', 'warned'),
  status(0x0111, 'duplicate', 'refused'),
  status(0xa700, 'busy', 'waiting'),
  status(0x0110, 'failed', 'waiting'),
  status(0xa900, 'refused', 'refused'),
  status(0xc000, 'refused', 'refused'),
  status(0x0122, 'refused', 'refused'),
  status(0x0124, 'refused', 'refused'),
  status(0x4242, 'refused', 'refused'),
  { name: 'refuses every context', manners: { accept: () => undefined }, outcome: 'no-context', state: 'refused' },
  { name: 'rejects for good', manners: { negotiate: 'reject' }, outcome: 'rejected', state: 'waiting' },
  { name: 'rejects for now', manners: { negotiate: 'reject-for-now' }, outcome: 'rejected', state: 'waiting' },
  { name: 'does not answer the request', manners: { negotiate: 'silence' }, outcome: 'unreachable', state: 'waiting', abort: '2,0' },
  { name: 'aborts the request', manners: { negotiate: 'abort' }, outcome: 'aborted', state: 'waiting' },
  { name: 'resets at the request', manners: { negotiate: 'reset' }, outcome: 'aborted', state: 'waiting' },
  { name: 'answers the request in HTTP', manners: { negotiate: 'garbage' }, outcome: 'protocol', state: 'waiting', abort: '0,0' },
  { name: 'takes PDUs of 16 bytes', manners: { maxPduLengthBytes: 16 }, outcome: 'protocol', state: 'waiting', abort: '0,0' },
  { name: 'aborts after an object', manners: { store: () => 'abort' }, outcome: 'aborted', state: 'waiting' },
  { name: 'aborts in mid-store', manners: { store: () => 'abort-in-mid-store' }, outcome: 'aborted', state: 'waiting' },
  { name: 'resets after an object', manners: { store: () => 'reset' }, outcome: 'aborted', state: 'waiting' },
  { name: 'closes after an object', manners: { store: () => 'close' }, outcome: 'aborted', state: 'waiting' },
  { name: 'does not answer an object', manners: { store: () => 'silence' }, outcome: 'timeout', state: 'waiting', abort: '2,0' },
  { name: 'answers another message', manners: { store: () => 'answer-unknown-id' }, outcome: 'protocol', state: 'waiting', abort: '0,0' },
  { name: 'answers garbage', manners: { store: () => 'answer-garbage' }, outcome: 'protocol', state: 'waiting', abort: '0,0' },
  { name: 'answers before the object has ended', manners: { store: () => 'answer-early' }, outcome: 'acknowledged', state: 'acknowledged' },
  { name: 'takes only implicit little endian', manners: { accept: ({ transferSyntaxUids }) => transferSyntaxUids.find((uid) => uid === implicitLittle) }, outcome: 'acknowledged', state: 'acknowledged' },
  { name: 'does not answer the release', manners: { release: 'silence' }, outcome: 'acknowledged', state: 'acknowledged' },
];

describe('a destination that', () => {
  test.for(cases)('$name: $outcome, $state', async ({ manners, outcome, state, dimseStatus, abort }) => {
    await using peer = await RudeScp.start(manners);
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) }, impatient);
    await desk.send([{ number: 1 }]);
    desk.start();
    await until(async () => (await desk.attempts()).length > 0);

    const [attempt, ...more] = await desk.attempts();
    expect(attempt).toMatchObject({ outcome, dimseStatus: dimseStatus ?? (state === 'acknowledged' ? 0 : null) });
    expect(more).toEqual([]);
    expect(await desk.ledger.sums()).toMatchObject({ due: 1, [state]: 1 } satisfies Partial<LedgerSums>);
    if (abort !== undefined) await until(() => peer.aborts.includes(abort));
  });
});

describe('a destination that is not there', () => {
  test('leaves its deliveries waiting, unreachable', async () => {
    const peer = await RudeScp.start();
    await using desk = await SenderDesk.open({ pacs: destinationAt(peer.port) }, impatient);
    await peer[Symbol.asyncDispose]();
    await desk.send([{ number: 1 }, { number: 2 }]);
    desk.start();
    await until(async () => (await desk.attempts()).length > 0);

    expect(await desk.attempts()).toMatchObject([
      { outcome: 'unreachable', reason: 'SENDER_UNREACHABLE: system=ECONNREFUSED' },
    ]);
    expect(await desk.ledger.sums()).toMatchObject({ due: 2, waiting: 2 });
  });
});
