import { z } from 'zod';
import { parseAeTitle } from '../dicom/ae-title.ts';
import { DicomError } from '../dicom/errors.ts';

/** An AE title of PS3.5 6.2, made by its one maker. */
export const aeTitle = z.string().transform((text, context) => {
  try {
    return parseAeTitle(text);
  } catch (error) {
    if (!(error instanceof DicomError)) throw error;
    context.addIssue({ code: 'custom', message: 'not an AE title: 1 to 16 printable characters without backslash' });
    return z.NEVER;
  }
});

export const host = z.string().min(1).max(253);

export const port = z.int().min(0).max(65_535);

export function milliseconds(byDefault: number) {
  return z.int().positive().max(2_147_483_647).default(byDefault);
}

export function sizeBytes(byDefault: number) {
  return z.int().positive().default(byDefault);
}

export function fraction(byDefault: number) {
  return z.number().gt(0).max(1).default(byDefault);
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30m`, `12h`, `7d`; milliseconds once parsed. */
export const duration = z
  .string()
  .regex(/^[1-9][0-9]{0,4}[mhd]$/, 'a duration such as 30m, 12h or 7d')
  .transform((text) => {
    const unit = text.endsWith('m') ? unitMs.m : text.endsWith('h') ? unitMs.h : unitMs.d;
    return Number.parseInt(text, 10) * unit;
  });

export const timezone = z.string().refine(isTimezone, 'not an IANA time zone such as Europe/Berlin');

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
