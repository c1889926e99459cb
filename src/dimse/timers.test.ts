import { describe, expect, test } from 'vitest';
import { AssociationClocks } from './timers.ts';

const limits = {
  artimMs: 10_000,
  inactivityMs: 30_000,
  slowestBytesPerSecond: 8192,
  slowestOverMs: 60_000,
  idleMs: 600_000,
};

function clocksIn(waiting: 'artim' | 'idle' | 'message'): AssociationClocks {
  const clocks = new AssociationClocks(limits, 0);
  clocks.wait(waiting, 0);
  return clocks;
}

describe('AssociationClocks', () => {
  test.for([
    { name: 'a peer that never asks for an association', waiting: 'artim', at: 10_000, expiry: 'artim' },
    { name: 'a silence in the middle of a message', waiting: 'message', at: 30_000, expiry: 'inactive' },
    { name: 'an open association without messages', waiting: 'idle', at: 600_000, expiry: 'idle' },
  ] as const)('$name expires at its limit and not before', ({ waiting, at, expiry }) => {
    const clocks = clocksIn(waiting);

    expect(clocks.expired(at - 1)).toBeUndefined();
    expect(clocks.expired(at)).toBe(expiry);
  });

  test('a byte every second keeps a message from being inactive, and a minute shows that it is too slow', () => {
    const clocks = clocksIn('message');
    for (let now = 1000; now < 60_000; now += 1000) {
      clocks.bytesArrived(100, now);
      expect(clocks.expired(now)).toBeUndefined();
    }

    expect(clocks.expired(60_000)).toBe('too-slow');
  });

  test('a message that is just fast enough goes on for ever', () => {
    const clocks = clocksIn('message');
    for (let now = 1000; now <= 600_000; now += 1000) {
      clocks.bytesArrived(8192, now);
      expect(clocks.expired(now)).toBeUndefined();
    }
  });

  test('no clock of the peer runs while we hold it back', () => {
    const clocks = clocksIn('message');
    clocks.hold(10_000);
    expect(clocks.expired(1_000_000)).toBeUndefined();

    clocks.release(1_000_000);

    expect(clocks.expired(1_019_999)).toBeUndefined();
    expect(clocks.expired(1_020_000)).toBe('inactive');
  });

  test('ARTIM runs even while we hold the peer back', () => {
    const clocks = clocksIn('artim');
    clocks.hold(0);

    expect(clocks.expired(10_000)).toBe('artim');
  });

  test('messages, not bytes, keep an association from being idle', () => {
    const clocks = clocksIn('idle');
    clocks.bytesArrived(6, 500_000);
    expect(clocks.expired(600_000)).toBe('idle');

    clocks.messageEnded(590_000);

    expect(clocks.expired(600_000)).toBeUndefined();
  });
});
