import { describe, expect, test } from 'vitest';
import { senderErrors } from './errors.ts';
import { type Outcome, outcomeOfError, outcomeOfStatus, stateAfter } from './outcome.ts';

// biome-ignore format: the table of dicom-io.md 4.3
const statuses: readonly (readonly [number, Outcome])[] = [
  [0x0000, 'acknowledged'],
  [0x0001, 'warned'], [0x0107, 'warned'], [0x0116, 'warned'],
  [0xb000, 'warned'], [0xb006, 'warned'], [0xb007, 'warned'], [0xbfff, 'warned'],
  [0x0111, 'duplicate'],
  [0xa700, 'busy'], [0xa7ff, 'busy'],
  [0x0110, 'failed'], [0x0210, 'failed'], [0x0213, 'failed'],
  [0xa800, 'refused'], [0xa900, 'refused'], [0xa9ff, 'refused'], [0xc000, 'refused'], [0xcfff, 'refused'],
  [0x0117, 'refused'], [0x0122, 'refused'], [0x0124, 'refused'], [0x0211, 'refused'], [0x0212, 'refused'],
  [0xff00, 'refused'], [0xfe00, 'refused'], [0x4242, 'refused'],
];

describe('outcomeOfStatus', () => {
  test.for(statuses)('%x is %s', ([status, outcome]) => {
    expect(outcomeOfStatus(status)).toBe(outcome);
  });

  test('every status of sixteen bits has an outcome, and only 0000 is acknowledged', () => {
    const acknowledged = Array.from({ length: 65_536 }, (_, status) => status).filter(
      (status) => outcomeOfStatus(status) === 'acknowledged',
    );

    expect(acknowledged).toEqual([0]);
  });
});

describe('stateAfter', () => {
  const never = { failures: 0, sentBefore: false };

  test.for<[Outcome, string]>([
    ['acknowledged', 'acknowledged'],
    ['warned', 'warned'],
    ['busy', 'waiting'],
    ['failed', 'waiting'],
    ['refused', 'refused'],
    ['no-context', 'refused'],
    ['unreadable', 'refused'],
    ['rejected', 'waiting'],
    ['unreachable', 'waiting'],
    ['aborted', 'waiting'],
    ['timeout', 'waiting'],
    ['protocol', 'waiting'],
  ])('after %s a delivery is %s', ([outcome, state]) => {
    expect(stateAfter(outcome, never, 8)).toBe(state);
  });

  test('the eighth failed attempt is the last; no number of others is', () => {
    expect(stateAfter('failed', { failures: 6, sentBefore: true }, 8)).toBe('waiting');
    expect(stateAfter('failed', { failures: 7, sentBefore: true }, 8)).toBe('refused');
    expect(stateAfter('unreachable', { failures: 7, sentBefore: true }, 8)).toBe('waiting');
  });

  test('a duplicate is ours only when we sent it before', () => {
    expect(stateAfter('duplicate', never, 8)).toBe('refused');
    expect(stateAfter('duplicate', { failures: 0, sentBefore: true }, 8)).toBe('acknowledged');
  });
});

test('no end of an association counts as an answer', () => {
  for (const code of Object.keys(senderErrors)) {
    const outcome = Object.entries(outcomeOfError).find(([name]) => name === code)?.[1];
    expect(outcome).toBeDefined();
    expect(['acknowledged', 'warned', 'duplicate']).not.toContain(outcome);
  }
});
