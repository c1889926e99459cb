import { type Job, scheduleJob } from 'node-schedule';
import type { TimeWindow } from '../config/schema.ts';
import type { Logger } from '../observe/logger.ts';
import { isOpen, nextChange } from './windows.ts';

/** Something to do again and again. */
export interface RecurringTask {
  readonly name: string;
  /** Cron line of five or six fields. */
  readonly cron: string;
  /** Never runs twice at a time: a time that comes while it runs is left out. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface ScheduleOptions {
  readonly windows: Readonly<Record<string, TimeWindow>>;
  readonly tasks: readonly RecurringTask[];
  /** A window has opened: whoever waits for one asks the ledger for work. */
  readonly wake: () => void;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** Says only when: wakes claimers as windows open, and starts tasks. Nobody asks it whether a window is open. */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #now: () => number;
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  start(): void {
    for (const [name, window] of Object.entries(this.#options.windows)) this.#await(name, window);
    for (const task of this.#options.tasks) {
      this.#jobs.set(
        `task ${task.name}`,
        scheduleJob(task.cron, () => this.#begin(task)),
      );
    }
  }

  /** Starts nothing any more, tells running tasks to end, and waits for them until the deadline, epoch ms. */
  async stop(deadlineAt: number): Promise<void> {
    this.#stopping.abort();
    for (const job of this.#jobs.values()) job.cancel();
    this.#jobs.clear();
    await Promise.race([Promise.all(this.#running.values()), passed(deadlineAt, this.#now)]);
  }

  #await(name: string, window: TimeWindow): void {
    if (this.#stopping.signal.aborted) return;
    const change = nextChange(window, this.#now());
    if (change === undefined) return;
    const opens = !isOpen(window, this.#now());
    const job: Job | null = scheduleJob(new Date(change), () => this.#changed(name, window, opens));
    if (job === null) this.#changed(name, window, opens);
    else this.#jobs.set(`window ${name}`, job);
  }

  /** A timer may come a moment early, or late after the clock was set: what counts is what the window says now. */
  #changed(name: string, window: TimeWindow, opens: boolean): void {
    if (isOpen(window, this.#now()) === opens) {
      this.#options.logger.info(opens ? 'window.opened' : 'window.closed', { reason: name });
      if (opens) this.#options.wake();
    }
    this.#await(name, window);
  }

  #begin(task: RecurringTask): void {
    if (this.#running.has(task.name)) return;
    const running = this.#run(task).finally(() => this.#running.delete(task.name));
    this.#running.set(task.name, running);
  }

  async #run({ name, run }: RecurringTask): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await run(signal);
    } catch (error) {
      if (signal.aborted) return;
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      this.#options.logger.error('schedule.failed', { reason: name, errorCode: code });
    }
  }
}

/** Resolves at a moment, and keeps no process alive for it. */
function passed(deadlineAt: number, now: () => number): Promise<void> {
  return new Promise((resolve) => {
    const waitMs = Math.min(Math.max(deadlineAt - now(), 0), 2 ** 31 - 1);
    setTimeout(resolve, waitMs).unref();
  });
}
