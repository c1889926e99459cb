import { expect, test } from 'vitest';
import { type Drainable, SinkBudget } from './sink-budget.ts';

class Sink implements Drainable {
  readonly #budget: SinkBudget;
  waitingBytes = 0;
  drained = 0;

  constructor(budget: SinkBudget) {
    this.#budget = budget;
    budget.join(this);
  }

  take(bytes: number): void {
    this.waitingBytes += bytes;
    this.#budget.changed(bytes);
  }

  drain(): void {
    this.drained += 1;
    const bytes = this.waitingBytes;
    this.waitingBytes = 0;
    this.#budget.changed(-bytes);
  }
}

test('at the limit the fullest sinks write what they hold, until half of the limit is left', () => {
  const budget = new SinkBudget({ sinkBytes: 100, sinkResumeBytes: 50 });
  const [small, large, middle] = [new Sink(budget), new Sink(budget), new Sink(budget)];
  small.take(20);
  large.take(50);
  middle.take(30);
  expect([small, large, middle].map((sink) => sink.drained)).toEqual([0, 0, 0]);

  small.take(1);

  expect([small, large, middle].map((sink) => sink.drained)).toEqual([0, 1, 1]);
  expect(small.waitingBytes).toBe(21);
});

test('what a sink held when it left does not count any more', () => {
  const budget = new SinkBudget({ sinkBytes: 100, sinkResumeBytes: 50 });
  const [gone, stays] = [new Sink(budget), new Sink(budget)];
  gone.take(90);
  budget.leave(gone);

  stays.take(90);

  expect(stays.drained).toBe(0);
});
