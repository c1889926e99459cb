import { SingleBar } from 'cli-progress';

/** Tells how far long work is: a bar where somebody looks, one line every five seconds where a log reads. */
export interface Progress {
  update(done: number, total: number, what: string): void;
  stop(): void;
}

const lineEveryMs = 5_000;

/** Progress on standard error, which leaves standard output to results. */
export function createProgress(complain: (line: string) => void, now: () => number = Date.now): Progress {
  return process.stderr.isTTY ? bar() : lines(complain, now);
}

function bar(): Progress {
  const single = new SingleBar({ format: '{bar} {value}/{total} {what}', stream: process.stderr, hideCursor: true });
  let started = false;
  return {
    update: (done, total, what) => {
      if (!started) single.start(total, done, { what });
      else {
        single.setTotal(total);
        single.update(done, { what });
      }
      started = true;
    },
    stop: () => single.stop(),
  };
}

function lines(complain: (line: string) => void, now: () => number): Progress {
  let next = now() + lineEveryMs;
  return {
    update: (done, total, what) => {
      if (now() < next && done < total) return;
      next = now() + lineEveryMs;
      complain(`${what}: ${done} of ${total}`);
    },
    stop: () => undefined,
  };
}
