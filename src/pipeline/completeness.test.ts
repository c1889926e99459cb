import { describe, expect, test } from 'vitest';
import { completeness, type HeaderEvidence } from './completeness.ts';

const times = { quietWithCountMs: 5_000, quietWithPositionsMs: 15_000, quietMs: 60_000, maxAgeMs: 1_800_000 };
const series = { firstReceivedAt: 0, lastReceivedAt: 10_000, openAssociations: 0 };
const nothing = async (): Promise<HeaderEvidence> => ({ countReached: false, positionsEven: false });
const unread = (): Promise<HeaderEvidence> => Promise.reject(new Error('read too early'));
const counted = async (): Promise<HeaderEvidence> => ({ countReached: true, positionsEven: false });
const even = async (): Promise<HeaderEvidence> => ({ countReached: false, positionsEven: true });

describe('completeness', () => {
  test.for([
    { name: 'the count is there and 5 s are quiet', now: 15_000, evidence: counted, by: 'count' },
    { name: 'the positions are even and 15 s are quiet', now: 25_000, evidence: even, by: 'positions' },
    { name: '60 s are quiet, without any evidence', now: 70_000, evidence: nothing, by: 'quiet' },
  ])('closes a released series when $name', async ({ now, evidence, by }) => {
    await expect(completeness(series, times, now, evidence)).resolves.toEqual({ kind: 'complete', by });
  });

  test('an association that still runs holds the evidence back, and only the quiet minute closes the series', async () => {
    const running = { ...series, openAssociations: 1 };

    await expect(completeness(running, times, 30_000, counted)).resolves.toEqual({ kind: 'wait', lookAgainAt: 70_000 });
    await expect(completeness(running, times, 70_000, counted)).resolves.toEqual({ kind: 'complete', by: 'quiet' });
  });

  test('a series that never falls quiet is closed by its age', async () => {
    const endless = { firstReceivedAt: 0, lastReceivedAt: 1_799_999, openAssociations: 1 };

    await expect(completeness(endless, times, 1_800_000, nothing)).resolves.toEqual({ kind: 'complete', by: 'age' });
  });

  test('headers are not read before an answer could depend on them', async () => {
    await expect(completeness(series, times, 12_000, unread)).resolves.toEqual({ kind: 'wait', lookAgainAt: 15_000 });
  });

  test('the next look is at the next threshold', async () => {
    await expect(completeness(series, times, 16_000, nothing)).resolves.toEqual({ kind: 'wait', lookAgainAt: 25_000 });
    await expect(completeness(series, times, 26_000, nothing)).resolves.toEqual({ kind: 'wait', lookAgainAt: 70_000 });
  });
});
