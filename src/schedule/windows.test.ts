import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimeWindow } from '../config/schema.ts';
import { isOpen, nextChange, openWindows } from './windows.ts';

const everyDay: TimeWindow['days'] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const nights: TimeWindow = { days: everyDay, from: '22:00', to: '06:00', timezone: 'Europe/Berlin' };

const at = (iso: string): number => Date.parse(iso);

describe('a window is open by the clock on the wall of its zone', () => {
  const lunch: TimeWindow = { days: ['mon'], from: '12:00', to: '13:00', timezone: 'America/New_York' };

  // 2026-01-12 is a Monday; New York is five hours behind UTC.
  test.for([
    { name: 'a minute before', now: '2026-01-12T16:59:59Z', open: false },
    { name: 'as it begins', now: '2026-01-12T17:00:00Z', open: true },
    { name: 'in its last second', now: '2026-01-12T17:59:59Z', open: true },
    { name: 'as it ends', now: '2026-01-12T18:00:00Z', open: false },
    { name: 'on another day', now: '2026-01-13T17:30:00Z', open: false },
  ])('$name: $open', ({ now, open }) => {
    expect(isOpen(lunch, at(now))).toBe(open);
  });
});

describe('a window that crosses midnight belongs to the day on which it begins', () => {
  const friday: TimeWindow = { ...nights, days: ['fri'], timezone: 'UTC' };

  // 2026-01-16 is a Friday.
  test.for([
    { name: 'Thursday night', now: '2026-01-15T23:00:00Z', open: false },
    { name: 'early on Friday', now: '2026-01-16T05:00:00Z', open: false },
    { name: 'late on Friday', now: '2026-01-16T22:00:00Z', open: true },
    { name: 'early on Saturday', now: '2026-01-17T05:59:00Z', open: true },
    { name: 'at six on Saturday', now: '2026-01-17T06:00:00Z', open: false },
    { name: 'late on Saturday', now: '2026-01-17T23:00:00Z', open: false },
  ])('$name: $open', ({ now, open }) => {
    expect(isOpen(friday, at(now))).toBe(open);
  });

  test('one that ends when it begins lasts a whole day', () => {
    const day: TimeWindow = { ...friday, from: '08:00', to: '08:00' };

    expect(isOpen(day, at('2026-01-16T08:00:00Z'))).toBe(true);
    expect(isOpen(day, at('2026-01-17T07:59:00Z'))).toBe(true);
    expect(isOpen(day, at('2026-01-17T08:00:00Z'))).toBe(false);
  });

  test('one that ends at 24:00 ends at midnight', () => {
    const evening: TimeWindow = { ...friday, from: '18:00', to: '24:00' };

    expect(isOpen(evening, at('2026-01-16T23:59:00Z'))).toBe(true);
    expect(isOpen(evening, at('2026-01-17T00:00:00Z'))).toBe(false);
  });
});

// Berlin, 2026-03-29: 02:00 becomes 03:00. In UTC the change is at 01:00.
describe('when the clock is put forward', () => {
  test('a night is an hour shorter, and still ends at six', () => {
    expect(isOpen(nights, at('2026-03-29T03:59:00Z'))).toBe(true);
    expect(isOpen(nights, at('2026-03-29T04:00:00Z'))).toBe(false);
    expect(nextChange(nights, at('2026-03-28T21:30:00Z'))).toBe(at('2026-03-29T04:00:00Z'));
  });

  test('a window inside the skipped hour does not open that day', () => {
    const skipped: TimeWindow = { ...nights, from: '02:10', to: '02:50' };

    expect(nextChange(skipped, at('2026-03-29T00:00:00Z'))).toBe(at('2026-03-30T00:10:00Z'));
  });

  test('a window that begins inside the skipped hour opens as the clock is put forward', () => {
    const half: TimeWindow = { ...nights, from: '02:30', to: '04:00' };

    expect(nextChange(half, at('2026-03-29T00:00:00Z'))).toBe(at('2026-03-29T01:00:00Z'));
    expect(nextChange(half, at('2026-03-29T01:00:00Z'))).toBe(at('2026-03-29T02:00:00Z'));
  });
});

// Berlin, 2026-10-25: 03:00 becomes 02:00. In UTC the change is at 01:00.
describe('when the clock is put back', () => {
  test('a night is an hour longer, and still ends at six', () => {
    expect(isOpen(nights, at('2026-10-25T04:59:00Z'))).toBe(true);
    expect(isOpen(nights, at('2026-10-25T05:00:00Z'))).toBe(false);
    expect(nextChange(nights, at('2026-10-24T20:00:00Z'))).toBe(at('2026-10-25T05:00:00Z'));
  });

  test('a window inside the hour that comes twice opens twice', () => {
    const twice: TimeWindow = { ...nights, from: '02:10', to: '02:50' };
    const changes = [at('2026-10-25T00:00:00Z')];
    for (let n = 0; n < 4; n += 1) changes.push(nextChange(twice, changes.at(-1) ?? 0) ?? 0);

    expect(changes.slice(1).map((change) => new Date(change).toISOString().slice(11, 16))).toEqual([
      '00:10',
      '00:50',
      '01:10',
      '01:50',
    ]);
  });
});

describe('the next change', () => {
  test('of a window that is always open never comes', () => {
    expect(nextChange({ ...nights, from: '00:00', to: '24:00' }, at('2026-01-01T12:34:56Z'))).toBeUndefined();
  });

  test('of one day a week is found from any day', () => {
    const sunday: TimeWindow = { days: ['sun'], from: '03:00', to: '03:05', timezone: 'UTC' };

    expect(nextChange(sunday, at('2026-01-11T03:05:00Z'))).toBe(at('2026-01-18T03:00:00Z'));
  });

  test('is the first minute at which the window is in the other state, in every zone and at every moment', () => {
    const clock = fc
      .integer({ min: 0, max: 1439 })
      .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);
    const window = fc.record({
      days: fc.subarray([...everyDay], { minLength: 1 }),
      from: clock,
      to: clock,
      timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'),
    });
    const moment = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') });
    const property = fc.property(window, moment, (given, now) => {
      const change = nextChange(given, now);
      fc.pre(change !== undefined);
      const open = isOpen(given, now);

      expect(change).toBeGreaterThan(now);
      expect(isOpen(given, change)).toBe(!open);
      expect(isOpen(given, change - 60_000)).toBe(open);
    });

    fc.assert(property, { seed: 20_260_101, numRuns: 200 });
  });

  test('open windows are told by name', () => {
    const windows = { nights, days: { ...nights, from: '06:00', to: '22:00' }, never: { ...nights, days: [] } };

    expect(openWindows(windows, at('2026-01-12T12:00:00Z'))).toEqual(['days']);
  });
});
