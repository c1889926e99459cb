import { describe, expect, test } from 'vitest';
import { normaliseMessage, readDciodvfy, surplus } from '../peers/dciodvfy-report.ts';

describe('normaliseMessage', () => {
  // biome-ignore format: one row per case
  test.for([
    { line: 'Error - Value invalid for this VR - (0x0002,0x0016) AE Source AE  AE [1] = <SECRET> - bad', text: 'Error - Value invalid for this VR - (0x0002,0x0016) AE Source AE  AE [] = <> - bad' },
    { line: 'Error - Unrecognized enumerated value <US> for value 1 of attribute <Rescale Type>', text: 'Error - Unrecognized enumerated value <> for value 1 of attribute <Rescale Type>' },
    { line: 'Error - Missing attribute Type 1 Required Element=<ContentDate> Module=<X>', text: 'Error - Missing attribute Type 1 Required Element=<ContentDate> Module=<X>' },
    { line: 'Error - Length = 12, expected 24', text: 'Error - Length = n, expected 24' },
    { line: 'Error - UID 2.25.1.2.3.4 repeated', text: 'Error - UID UID repeated' },
  ])('$line', ({ line, text }) => {
    expect(normaliseMessage(line)).toBe(text);
  });
});

test('a report without a recognised IOD is an error of its own', () => {
  const report = readDciodvfy({ exitCode: 0, stdout: '', stderr: 'Warning - something\n' });

  expect([...report.errors]).toEqual([['Error - no IOD was recognised', 1]]);
});

test('messages are compared as multisets', () => {
  const theirs = readDciodvfy({ exitCode: 0, stdout: 'CTImage', stderr: 'Error - a\nError - b' });
  const ours = readDciodvfy({ exitCode: 0, stdout: '', stderr: 'CTImage\nError - a\nError - a\nAbort - c' });

  expect([...surplus(ours.errors, theirs.errors)]).toEqual([
    ['Error - a', 1],
    ['Abort - c', 1],
  ]);
});
