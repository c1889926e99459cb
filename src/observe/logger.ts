import { createHmac } from 'node:crypto';
import { createLogger as createWinston, format, transports } from 'winston';
import { type EventFields, type EventName, logEvents } from './log-events.ts';

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

type Log = <E extends EventName>(event: E, fields: EventFields<E>) => void;

/** Says what happened, in the words of `logEvents`; no message text of a caller's reaches a line. */
export type Logger = Readonly<Record<LogLevel, Log>>;

/** Turns a UID into what a log line shows: itself, or a keyed hash of it. */
export type UidForLog = (uid: string) => string;

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly uidForLog: UidForLog;
  /** Where the lines go, one JSON object each: standard error in the node. */
  readonly stream: NodeJS.WritableStream;
  readonly now?: () => number;
}

/** A logger that writes one JSON object a line: `at`, `level`, `event`, `message`, then the event's fields. */
export function createLogger({ level, uidForLog, stream, now = Date.now }: LoggerOptions): Logger {
  const json = format.printf((info) => JSON.stringify(info['line']));
  const winston = createWinston({ level, format: json, transports: [new transports.Stream({ stream, eol: '\n' })] });
  const log =
    (at: LogLevel): Log =>
    (event, fields) => {
      if (!winston.isLevelEnabled(at)) return;
      const line = { at: new Date(now()).toISOString(), level: at, event, message: logEvents[event].text };
      winston.log({ level: at, message: '', line: { ...line, ...shown(event, fields, uidForLog) } });
    };
  return Object.freeze({ debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') });
}

/** Only the fields of the event's own row, so that an object with more in it leaks nothing. */
function shown(event: EventName, fields: object, uidForLog: UidForLog): Record<string, unknown> {
  const values = new Map<string, unknown>(Object.entries(fields));
  const kept: Record<string, unknown> = {};
  for (const name of logEvents[event].fields) {
    const value = values.get(name);
    if (value !== undefined) kept[name] = typeof value === 'string' && isPersonal(name) ? uidForLog(value) : value;
  }
  return kept;
}

/** UIDs of one patient's objects; SOP classes and transfer syntaxes are the same for everybody and stay readable. */
function isPersonal(name: string): boolean {
  return name === 'sopInstanceUid' || name === 'seriesInstanceUid' || name === 'studyInstanceUid';
}

/** UIDs as they are. */
export const plainUid: UidForLog = (uid) => uid;

/** UIDs as 16 hexadecimal digits of HMAC-SHA-256: equal UIDs stay equal, and nobody without the key can go back. */
export function hashedUid(key: string): UidForLog {
  return (uid) => createHmac('sha256', key).update(uid).digest('hex').slice(0, 16);
}

const silent: Log = () => undefined;

/** Says nothing: for tests and for commands that have their own output. */
export const silentLogger: Logger = Object.freeze({ debug: silent, info: silent, warn: silent, error: silent });
