import { EventEmitter, once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Answers } from './answers.ts';

describe('Answers', () => {
  test('leave in the order of the requests, however soon they are known', async () => {
    const sent: number[] = [];
    const gate = new EventEmitter();
    const opened = once(gate, 'open');
    const answers = new Answers({ onSent: () => undefined, onDefect: () => undefined });

    answers.add(1, async () => {
      await opened;
      sent.push(1);
    });
    answers.add(2, () => {
      sent.push(2);
    });
    await Promise.resolve();
    expect(sent).toEqual([]);

    gate.emit('open');
    await answers.settled();
    expect(sent).toEqual([1, 2]);
  });

  test('a message id is outstanding until its answer is sent', async () => {
    const answers = new Answers({ onSent: () => undefined, onDefect: () => undefined });
    answers.add(7, () => undefined);

    expect([answers.isOutstanding(7), answers.due]).toEqual([true, 1]);
    await answers.settled();
    expect([answers.isOutstanding(7), answers.due]).toEqual([false, 0]);
  });

  test('an answer that fails is a defect, and the next one is sent all the same', async () => {
    const defects: unknown[] = [];
    const sent: number[] = [];
    const answers = new Answers({ onSent: () => undefined, onDefect: (cause) => defects.push(cause) });

    answers.add(1, () => Promise.reject(new Error('no')));
    answers.add(2, () => {
      sent.push(2);
    });
    await answers.settled();

    expect(defects).toHaveLength(1);
    expect(sent).toEqual([2]);
  });

  test('nothing is sent once the peer is gone', async () => {
    const sent: number[] = [];
    const answers = new Answers({ onSent: () => undefined, onDefect: () => undefined });
    answers.add(1, () => {
      sent.push(1);
    });

    answers.drop();
    await answers.settled();

    expect(sent).toEqual([]);
  });
});
