import { DicomError } from '../errors.ts';

/** Date and time of one moment as DA and TM (PS3.5 6.2). */
export interface Moment {
  readonly date: string;
  readonly time: string;
}

const offsetPattern = /^[+-][0-9]{4}$/;

/** Whether text is a value of Timezone Offset From UTC (0008,0201). */
export function isUtcOffset(text: string): boolean {
  return offsetPattern.test(text);
}

/**
 * A moment as DA and TM in a zone: an offset (`+0100`) or a name of the IANA database (`Europe/Berlin`).
 * derived-objects.md 8.2.
 * @throws DicomError DICOM_BAD_VALUE for a zone that nobody knows
 */
export function momentIn(epochMs: number, zone: string): Moment {
  const local = new Date(epochMs + offsetMinutes(epochMs, zone) * 60_000).toISOString();
  return { date: local.slice(0, 10).replaceAll('-', ''), time: local.slice(11, 23).replaceAll(':', '') };
}

/** A moment as DT in UTC, with `+0000`. */
export function utcDateTime(epochMs: number): string {
  const { date, time } = momentIn(epochMs, '+0000');
  return `${date}${time}+0000`;
}

function offsetMinutes(epochMs: number, zone: string): number {
  if (!isUtcOffset(zone)) return minutesOf(namedOffset(epochMs, zone));
  return minutesOf(zone);
}

function minutesOf(offset: string): number {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3));
  return offset.startsWith('-') ? -minutes : minutes;
}

function namedOffset(epochMs: number, zone: string): string {
  const parts = zoneFormat(zone).formatToParts(epochMs);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  return name === 'GMT' ? '+0000' : name.replace('GMT', '').replace(':', '').slice(0, 5);
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch (cause) {
    throw new DicomError('DICOM_BAD_VALUE', { key: 'timezone' }, { cause });
  }
}
