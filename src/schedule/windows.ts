import type { TimeWindow } from '../config/schema.ts';

const minuteMs = 60_000;
const dayMinutes = 1440;
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** What the clock on the wall says. */
interface WallClock {
  /** 0 is Sunday. */
  readonly day: number;
  /** Since midnight, as the clock shows it. */
  readonly minute: number;
}

/**
 * Whether the window is open at a moment, by the clock on the wall of its zone. A window that ends at or before its
 * beginning ends on the next day; its days are those on which it begins. Pure; right across both changes of the clock:
 * an hour that is skipped opens nothing, an hour that comes twice is judged twice.
 */
export function isOpen(window: TimeWindow, now: number): boolean {
  return isOpenOn(window, wallClockOf(window.timezone)(now));
}

/** Names of the windows that are open. */
export function openWindows(windows: Readonly<Record<string, TimeWindow>>, now: number): readonly string[] {
  return Object.entries(windows)
    .filter(([, window]) => isOpen(window, now))
    .map(([name]) => name);
}

/** The longest time to look ahead: a window of one day a week changes within it. */
const horizonMs = 8 * dayMinutes * minuteMs;
/** Steps are this long at most, so that a change of the clock is met. */
const stepMinutes = 15;

/** The next moment, to the minute, at which the window opens or closes; `undefined` when it does neither in 8 days. */
export function nextChange(window: TimeWindow, now: number): number | undefined {
  const clock = wallClockOf(window.timezone);
  const open = isOpenOn(window, clock(now));
  let before = Math.floor(now / minuteMs) * minuteMs;
  while (before < now + horizonMs) {
    const after = before + minutesToLookAhead(window, clock(before)) * minuteMs;
    if (isOpenOn(window, clock(after)) !== open)
      return firstAfter(before, after, (at) => isOpenOn(window, clock(at)) !== open);
    before = after;
  }
  return undefined;
}

function isOpenOn({ days, from, to }: TimeWindow, { day, minute }: WallClock): boolean {
  const begins = (weekday: number): boolean => days.some((name) => name === weekdays[weekday]);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  if (start < end) return begins(day) && minute >= start && minute < end;
  return (begins(day) && minute >= start) || (begins((day + 6) % 7) && minute < end);
}

/** To the next beginning, end or midnight, and never further than a step. */
function minutesToLookAhead({ from, to }: TimeWindow, { minute }: WallClock): number {
  const ahead = [minutesOf(from), minutesOf(to), dayMinutes]
    .map((edge) => edge - minute)
    .filter((minutes) => minutes > 0);
  return Math.min(stepMinutes, ...ahead);
}

/** The first minute in (before, after] at which it is true; it is false at `before` and true at `after`. */
function firstAfter(before: number, after: number, isTrue: (at: number) => boolean): number {
  let [low, high] = [before, after];
  while (high - low > minuteMs) {
    const middle = low + Math.floor((high - low) / minuteMs / 2) * minuteMs;
    if (isTrue(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}

const shortDays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** A reader of the clock on the wall of an IANA zone. */
function wallClockOf(timeZone: string): (at: number) => WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return {
      day: shortDays.indexOf(parts.get('weekday') ?? ''),
      minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    };
  };
}
