import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { KeyedTurns } from './keyed-turns.ts';

test('tasks of one key run in turn, tasks of another key beside them', async () => {
  const turns = new KeyedTurns<string>();
  const begun: string[] = [];
  const gate = new EventEmitter();
  const first = once(gate, 'open');
  const task = (name: string, until: Promise<unknown>) => async () => {
    begun.push(name);
    await until;
  };

  const runs = [
    turns.run('a', task('a1', first)),
    turns.run('a', task('a2', Promise.resolve())),
    turns.run('b', task('b1', Promise.resolve())),
  ];
  await runs[2];
  expect(begun).toEqual(['a1', 'b1']);

  gate.emit('open');
  await Promise.all(runs);
  expect(begun).toEqual(['a1', 'b1', 'a2']);
});

test('a failed task does not keep the next from running', async () => {
  const turns = new KeyedTurns<string>();

  const failed = turns.run('a', () => Promise.reject(new Error('disk')));
  const next = turns.run('a', () => Promise.resolve('done'));

  await expect(failed).rejects.toThrow('disk');
  await expect(next).resolves.toBe('done');
});
