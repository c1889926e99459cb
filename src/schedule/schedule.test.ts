import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TimeWindow } from '../config/schema.ts';
import { type Logger, silentLogger } from '../observe/logger.ts';
import { type RecurringTask, Schedule } from './schedule.ts';

const nights: TimeWindow = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  from: '22:00',
  to: '06:00',
  timezone: 'UTC',
};
const hourMs = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-12T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

function scheduleOf({ windows = {}, tasks = [] }: { windows?: Record<string, TimeWindow>; tasks?: RecurringTask[] }) {
  const said: string[] = [];
  const note = (event: string, fields: object): void => void said.push(`${event} ${Object.values(fields).join(' ')}`);
  const logger: Logger = { ...silentLogger, info: note, error: note };
  const wake = vi.fn<() => void>();
  return { schedule: new Schedule({ windows, tasks, wake, logger }), said, wake };
}

const forever = (): Promise<void> => new Promise(() => undefined);

describe('a schedule', () => {
  test('wakes the claimers each time a window opens, and tells when it opens and closes', async () => {
    const { schedule, said, wake } = scheduleOf({ windows: { nights } });
    schedule.start();

    await vi.advanceTimersByTimeAsync(10 * hourMs);
    const wokenAtTen = wake.mock.calls.length;
    await vi.advanceTimersByTimeAsync(24 * hourMs);
    await schedule.stop(Infinity);

    expect(wokenAtTen).toBe(1);
    expect(wake).toHaveBeenCalledTimes(2);
    expect(said).toEqual(['window.opened nights', 'window.closed nights', 'window.opened nights']);
  });

  test('starts a task at its times', async () => {
    const run = vi.fn<() => Promise<void>>(() => Promise.resolve());
    const { schedule } = scheduleOf({ tasks: [{ name: 'retention', cron: '0 * * * *', run }] });
    schedule.start();

    await vi.advanceTimersByTimeAsync(3 * hourMs);
    await schedule.stop(Infinity);

    expect(run).toHaveBeenCalledTimes(3);
  });

  test('leaves out the times that come while the task still runs', async () => {
    const finish: (() => void)[] = [];
    const run = vi.fn(() => new Promise<void>((resolve) => finish.push(resolve)));
    const { schedule } = scheduleOf({ tasks: [{ name: 'slow', cron: '0 * * * *', run }] });
    schedule.start();

    await vi.advanceTimersByTimeAsync(3 * hourMs);
    finish[0]?.();
    await vi.advanceTimersByTimeAsync(hourMs);
    finish[1]?.();
    await schedule.stop(Infinity);

    expect(run).toHaveBeenCalledTimes(2);
  });

  test('tells that a task failed, and starts it again at its next time', async () => {
    const failure = Object.assign(new Error('no space'), { code: 'SPOOL_FULL' });
    const run = vi.fn<() => Promise<void>>(() => Promise.reject(failure));
    const { schedule, said } = scheduleOf({ tasks: [{ name: 'retention', cron: '0 * * * *', run }] });
    schedule.start();

    await vi.advanceTimersByTimeAsync(2 * hourMs);
    await schedule.stop(Infinity);

    expect(said).toEqual(['schedule.failed retention SPOOL_FULL', 'schedule.failed retention SPOOL_FULL']);
  });

  test('that stops tells the running task to end, waits for it, and starts nothing more', async () => {
    const run = vi.fn(
      (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    );
    const { schedule, wake } = scheduleOf({ windows: { nights }, tasks: [{ name: 'long', cron: '0 * * * *', run }] });
    schedule.start();
    await vi.advanceTimersByTimeAsync(hourMs);

    await schedule.stop(Infinity);
    await vi.advanceTimersByTimeAsync(24 * hourMs);

    expect(run).toHaveBeenCalledTimes(1);
    expect(wake).not.toHaveBeenCalled();
  });

  test('that stops waits for a task that will not end only until the deadline', async () => {
    const { schedule } = scheduleOf({ tasks: [{ name: 'stuck', cron: '0 * * * *', run: forever }] });
    schedule.start();
    await vi.advanceTimersByTimeAsync(hourMs);

    const stopped = schedule.stop(Date.now() + 5000).then(() => Date.now());
    await vi.advanceTimersByTimeAsync(5000);

    expect(await stopped).toBe(Date.parse('2026-01-12T13:00:05Z'));
  });

  test('of a window that never changes plans nothing', () => {
    const { schedule } = scheduleOf({ windows: { always: { ...nights, from: '00:00', to: '24:00' } } });

    schedule.start();

    expect(vi.getTimerCount()).toBe(0);
  });
});
