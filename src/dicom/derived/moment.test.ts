import { expect, test } from 'vitest';
import { isUtcOffset, momentIn, utcDateTime } from './moment.ts';

const summer = Date.UTC(2026, 6, 1, 22, 30, 5, 7);

test.for([
  { zone: '+0000', date: '20260701', time: '223005.007' },
  { zone: '+0200', date: '20260702', time: '003005.007' },
  { zone: '-0330', date: '20260701', time: '190005.007' },
  { zone: 'Europe/Berlin', date: '20260702', time: '003005.007' },
  { zone: 'UTC', date: '20260701', time: '223005.007' },
  { zone: 'Asia/Kolkata', date: '20260702', time: '040005.007' },
  { zone: 'America/New_York', date: '20260701', time: '183005.007' },
])('a moment in $zone', ({ zone, date, time }) => {
  expect(momentIn(summer, zone)).toEqual({ date, time });
});

test('a named zone follows its change of the clock', () => {
  expect(momentIn(Date.UTC(2026, 0, 1), 'Europe/Berlin').time).toBe('010000.000');
  expect(momentIn(Date.UTC(2026, 6, 1), 'Europe/Berlin').time).toBe('020000.000');
});

test('a zone that nobody knows is refused', () => {
  expect(() => momentIn(summer, 'Europe/Atlantis')).toThrow(expect.objectContaining({ code: 'DICOM_BAD_VALUE' }));
});

test('Contribution DateTime is UTC and says so', () => {
  expect(utcDateTime(summer)).toBe('20260701223005.007+0000');
});

test.for([
  { text: '+0100', is: true },
  { text: '-1130', is: true },
  { text: '0100', is: false },
  { text: '+01:00', is: false },
  { text: '', is: false },
])('"$text" as Timezone Offset From UTC: $is', ({ text, is }) => {
  expect(isUtcOffset(text)).toBe(is);
});
