import { describe, expect, test } from 'vitest';
import {
  afterFailure,
  afterProbe,
  type CircuitState,
  closedCircuit,
  formatCircuit,
  parseCircuit,
  whatNext,
} from './circuit-state.ts';

const settings = { backoff: { firstMs: 5_000, maxMs: 900_000 }, longestMs: 900_000, circuitFailures: 3 };

function failed(times: number, waitMs?: number): CircuitState {
  let state = closedCircuit;
  for (let count = 0; count < times; count++) {
    state = afterFailure(state, { reason: 'x', waitMs }, settings, { now: 1_000_000, random: () => 1 });
  }
  return state;
}

describe('a circuit', () => {
  test('that is closed sends', () => {
    expect(whatNext(closedCircuit, settings, 0)).toBe('send');
  });

  test.for([
    { failures: 1, waitMs: 5_000, next: 'send' },
    { failures: 2, waitMs: 10_000, next: 'send' },
    { failures: 3, waitMs: 20_000, next: 'probe' },
    { failures: 20, waitMs: 900_000, next: 'probe' },
  ])('after $failures failures waits $waitMs ms, then does: $next', ({ failures, waitMs, next }) => {
    const state = failed(failures);

    expect(whatNext(state, settings, 1_000_000 + waitMs - 1)).toBe('wait');
    expect(whatNext(state, settings, 1_000_000 + waitMs)).toBe(next);
  });

  test('goes on waiting where it was when a probe was answered and sending failed again', () => {
    const probed = afterProbe(failed(5));
    expect(whatNext(probed, settings, 2_000_000)).toBe('send');

    const again = afterFailure(probed, { reason: 'x', waitMs: undefined }, settings, { now: 0, random: () => 1 });

    expect(again).toMatchObject({ failures: 6, nextAt: 160_000, probed: false });
  });

  test('has the wait that a permanent rejection asks for', () => {
    expect(failed(1, 900_000).nextAt).toBe(1_900_000);
  });

  test('does not wait for a clock that stepped back by a day', () => {
    expect(whatNext(failed(3), settings, 1_000_000 - 86_400_000)).toBe('probe');
  });

  test('reads back as it was written, and what it can not read is closed', () => {
    expect(parseCircuit(formatCircuit(failed(3)))).toEqual(failed(3));
    expect(parseCircuit(undefined)).toEqual(closedCircuit);
    expect(parseCircuit('{"failures":"many"}')).toEqual(closedCircuit);
  });
});
