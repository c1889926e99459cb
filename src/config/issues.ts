import type { z } from 'zod';
import type { Fault } from './errors.ts';
import { knownKeys } from './json-schema.ts';
import { nearest } from './nearest.ts';
import type { Path, YamlSource } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

/** What the schema found, as faults with a place and with words that say what to write instead. */
export function faultsOfIssues(source: YamlSource, issues: readonly Issue[], parent: Path = []): Fault[] {
  return issues.flatMap((issue) => faultsOfIssue(source, issue, [...parent, ...issue.path]));
}

function faultsOfIssue(source: YamlSource, issue: Issue, path: Path): Fault[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(source, [...path, key]));
  if (issue.code === 'invalid_key') {
    return [source.faultAtKey('CONFIG_BAD_VALUE', path, labelled(source, path, reasonOf(issue.issues[0] ?? issue)))];
  }
  if (issue.code === 'invalid_union') {
    const branch = clearestBranch(issue.errors);
    if (branch !== undefined) return faultsOfIssues(source, branch, path);
  }
  if (valueAt(source.value, path) === undefined) {
    return [source.faultAtKey('CONFIG_BAD_VALUE', path.slice(0, -1), labelled(source, path, missing(issue)))];
  }
  return [source.faultAtValue('CONFIG_BAD_VALUE', path, labelled(source, path, reasonOf(issue)))];
}

/** What a key of the wrong place most likely wanted; nearness of spelling can't tell. */
const misplaced: Readonly<Record<string, string>> = {
  when: '`when: instance` may only stand with `do: forward`',
  restored: 'only a rule with `do: restore` has restored objects to send',
  task: 'only a rule with `do: restore` has a task',
  originals: '`do: quarantine` sends nothing; `do: exclude` and `do: forward` may',
};

function unknownKey(source: YamlSource, path: Path): Fault {
  const key = String(path.at(-1));
  const keys = knownKeys(source.file, path.slice(0, -1));
  const meant = nearest(key, keys);
  const hint = keys.includes(key) ? misplaced[key] : meant && `did you mean \`${meant}\`?`;
  return source.faultAtKey(
    'CONFIG_UNKNOWN_KEY',
    path,
    labelled(source, path.slice(0, -1), `unknown key \`${key}\`; ${hint ?? `known here: ${keys.join(', ')}`}`),
  );
}

/** Of several forms a value may have, the one that it was meant to have: the one that fails inside, not at its root. */
function clearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches
    .filter((branch) => branch.every((issue) => issue.code === 'unrecognized_keys' || issue.path.length > 0))
    .toSorted((a, b) => a.length - b.length)
    .at(0);
}

function missing(issue: Issue): string {
  return issue.code === 'invalid_union' ? `missing; ${reasonOf(issue)}` : 'missing';
}

function reasonOf(issue: Issue): string {
  return issue.message.replace(/^Invalid input: /, '');
}

/** `scp.port: …`; a rule is called by its name where it has one. */
function labelled(source: YamlSource, path: Path, reason: string): string {
  const words = path.map((key, index) =>
    typeof key === 'number' ? nameOf(source, path.slice(0, index + 1)) : String(key),
  );
  return words.length === 0 ? reason : `${words.join('.')}: ${reason}`;
}

function nameOf(source: YamlSource, path: Path): string {
  const name = valueAt(source.value, [...path, 'name']);
  return typeof name === 'string' ? name : `[${String(path.at(-1))}]`;
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = new Map(Object.entries(found)).get(String(key));
  }
  return found;
}
