import { describe, expect, test } from 'vitest';
import { categoryOf, deliveryMoves, instanceMoves, isStateOf, jobMoves, seriesMoves } from './states.ts';

const tables = [
  { name: 'instance', first: 'stored', moves: instanceMoves },
  { name: 'series', first: 'collecting', moves: seriesMoves },
  { name: 'job', first: 'waiting', moves: jobMoves },
  { name: 'delivery', first: 'waiting', moves: deliveryMoves },
];

describe('the tables of states', () => {
  test.for(tables)('every state of $name is named in the table and can be reached from $first', ({ first, moves }) => {
    const table = new Map<string, readonly string[]>(Object.entries(moves));
    const reached = new Set([first]);
    for (const state of reached) for (const next of table.get(state) ?? []) reached.add(next);

    expect([...reached].toSorted()).toEqual([...table.keys()].toSorted());
  });

  test('a series that ended stays as it is; late instances open another revision', () => {
    for (const end of ['restored', 'gated', 'failed', 'forwarded', 'excluded', 'quarantined'] as const) {
      expect(seriesMoves[end]).toEqual([]);
    }
  });

  test('what is on its way can not be cancelled', () => {
    expect(deliveryMoves.sending).not.toContain('cancelled');
  });

  test('originals of gated and failed series count as forwarded', () => {
    expect([categoryOf.gated, categoryOf.failed]).toEqual(['forwarded', 'forwarded']);
  });

  test('text is a state only if the table has it', () => {
    expect(isStateOf(jobMoves, 'running')).toBe(true);
    expect(isStateOf(jobMoves, 'toString')).toBe(false);
  });
});
