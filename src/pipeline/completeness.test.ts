import { describe, expect, test } from 'vitest';
import { completeness, type HeaderEvidence } from './completeness.ts';

const times = { quietWithCountMs: 5_000, quietWithPositionsMs: 15_000, quietMs: 60_000, maxAgeMs: 1_800_000 };
const series = { firstReceivedAt: 0, lastReceivedAt: 10_000, openAssociations: 0 };
const nothing = (): HeaderEvidence => ({ countReached: false, positionsEven: false });
const counted = (): HeaderEvidence => ({ countReached: true, positionsEven: false });
const even = (): HeaderEvidence => ({ countReached: false, positionsEven: true });

describe('completeness', () => {
  test.for([
    { name: 'the count is there and 5 s are quiet', now: 15_000, evidence: counted, by: 'count' },
    { name: 'the positions are even and 15 s are quiet', now: 25_000, evidence: even, by: 'positions' },
    { name: '60 s are quiet, without any evidence', now: 70_000, evidence: nothing, by: 'quiet' },
  ])('closes a released series when $name', ({ now, evidence, by }) => {
    expect(completeness(series, times, now, evidence)).toEqual({ kind: 'complete', by });
  });

  test('an association that still runs holds the evidence back, and only the quiet minute closes the series', () => {
    const running = { ...series, openAssociations: 1 };

    expect(completeness(running, times, 30_000, counted)).toEqual({ kind: 'wait', lookAgainAt: 70_000 });
    expect(completeness(running, times, 70_000, counted)).toEqual({ kind: 'complete', by: 'quiet' });
  });

  test('a series that never falls quiet is closed by its age', () => {
    const endless = { firstReceivedAt: 0, lastReceivedAt: 1_799_999, openAssociations: 1 };

    expect(completeness(endless, times, 1_800_000, nothing)).toEqual({ kind: 'complete', by: 'age' });
  });

  test('headers are not read before an answer could depend on them', () => {
    const unread = (): HeaderEvidence => {
      throw new Error('read too early');
    };

    expect(completeness(series, times, 12_000, unread)).toEqual({ kind: 'wait', lookAgainAt: 15_000 });
  });

  test('the next look is at the next threshold', () => {
    expect(completeness(series, times, 16_000, nothing)).toEqual({ kind: 'wait', lookAgainAt: 25_000 });
    expect(completeness(series, times, 26_000, nothing)).toEqual({ kind: 'wait', lookAgainAt: 70_000 });
  });
});
