import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createLogger, hashedUid, plainUid, type UidForLog } from './logger.ts';

function capture(uidForLog: UidForLog = plainUid) {
  const stream = new PassThrough();
  const logger = createLogger({ level: 'info', uidForLog, stream, now: () => Date.UTC(2026, 0, 1) });
  return { logger, lines: (): unknown[] => parseLines(stream) };
}

function parseLines(stream: PassThrough): unknown[] {
  const text = String(stream.read() ?? '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('the logger', () => {
  test('writes one JSON object a line with the time, the level, the event, its fixed text and its fields', () => {
    const { logger, lines } = capture();

    logger.info('destination.reached', { destination: 'pacs' });

    expect(lines()).toEqual([
      {
        at: '2026-01-01T00:00:00.000Z',
        level: 'info',
        event: 'destination.reached',
        message: 'A destination answers again.',
        destination: 'pacs',
      },
    ]);
  });

  test('says nothing below its level', () => {
    const { logger, lines } = capture();

    logger.debug('destination.reached', { destination: 'pacs' });

    expect(lines()).toEqual([]);
  });

  test('leaves out what the event has no field for, even where it is smuggled past the compiler', () => {
    const { logger, lines } = capture();
    const smuggled = { destination: 'pacs', patientName: 'DIFFCODE^TEST' };

    logger.info('destination.reached', smuggled);

    expect(JSON.stringify(lines())).not.toContain('DIFFCODE^TEST');
  });

  test('shows UIDs of patients’ objects only as a keyed hash where it was asked to, and SOP classes as they are', () => {
    const { logger, lines } = capture(hashedUid('a key'));

    logger.info('instance.stored', { sopInstanceUid: '1.2.3', sopClassUid: '1.2.840.10008.5.1.4.1.1.2' });

    expect(lines()).toEqual([
      expect.objectContaining({
        sopInstanceUid: expect.stringMatching(/^[0-9a-f]{16}$/),
        sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      }),
    ]);
  });

  test('gives one UID the same hash each time, and another one under another key', () => {
    const hash = hashedUid('a key')('1.2.3');

    expect(hashedUid('a key')('1.2.3')).toBe(hash);
    expect(hashedUid('another key')('1.2.3')).not.toBe(hash);
  });
});
