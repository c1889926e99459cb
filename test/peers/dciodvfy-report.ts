import { readFileSync } from 'node:fs';
import { runTool, type ToolResult } from './run-tool.ts';

/** Messages of `dciodvfy` as a multiset: how often each normalised line was printed. */
export type Messages = ReadonlyMap<string, number>;

export interface DciodvfyReport {
  readonly errors: Messages;
  readonly warnings: Messages;
  /** The program recognised the object; without its line nothing was checked. */
  readonly iod: string | undefined;
}

/** Reads both streams of one run. A missing IOD or an `Abort` counts as an error. derived-objects.md 7.2. */
export function readDciodvfy({ stdout, stderr }: ToolResult): DciodvfyReport {
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
  const iod = lines.find((line) => /^[A-Z][A-Za-z]+(Image|IOD)$/.test(line));
  const errors = lines.filter((line) => line.includes('Error') || line.includes('Abort'));
  return {
    iod,
    errors: countLines(iod === undefined ? [...errors, 'Error - no IOD was recognised'] : errors),
    warnings: countLines(lines.filter((line) => line.includes('Warning'))),
  };
}

/** A message without what differs between two objects of one kind: values, indices, lengths, UIDs. */
export function normaliseMessage(line: string): string {
  return line
    .replace(/((?:=|value) )<(?:[^>]*)>/g, '$1<>')
    .replace(/\[\d+\]/g, '[]')
    .replace(/= \d+, expected/g, '= n, expected')
    .replace(/\b\d+(?:\.\d+){4,}\b/g, 'UID')
    .trim();
}

/** What `ours` has more often than `theirs`, with the surplus. */
export function surplus(ours: Messages, theirs: Messages): Messages {
  const more = [...ours].map(([line, count]) => [line, count - (theirs.get(line) ?? 0)] as const);
  return new Map(more.filter(([, count]) => count > 0));
}

function countLines(lines: readonly string[]): Messages {
  const counts = new Map<string, number>();
  for (const line of lines.map(normaliseMessage)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** Runs `dciodvfy` on a file. */
export async function verifyFile(file: string): Promise<DciodvfyReport> {
  return readDciodvfy(await runTool('dciodvfy', [file]));
}

/** Messages that no expression of a table matches. */
export function unmatched(messages: Messages, expressions: readonly RegExp[]): readonly string[] {
  return [...messages.keys()].filter((line) => !expressions.some((expression) => expression.test(line)));
}

/** The expressions of a table: first column, tab separated, `#` begins a remark. */
export function readExpressions(file: string): readonly RegExp[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new RegExp(line.split('\t')[0] ?? '^$'));
}
