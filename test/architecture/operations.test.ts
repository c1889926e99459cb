import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { acceptKeys } from '../../src/config/rules-schema.ts';
import { refusalReasons } from '../../src/router/refusals/finding.ts';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

const operations = read('docs/operations.md');
const [, refusals = ''] = /\n## Refusals\n([^]*?)\n## /.exec(operations) ?? [];

describe('docs/operations.md', () => {
  test.for(refusalReasons.map((reason) => ({ reason })))('explains the refusal $reason', ({ reason }) => {
    expect(refusals).toMatch(new RegExp(`^\\| \`${reason}\`\\*? `, 'm'));
  });

  test('explains no refusal that is not made', () => {
    const named = [...refusals.matchAll(/^\| `([a-z-]+)`\*? /gm)].map(([, name]) => name);

    expect(named).toEqual([...refusalReasons]);
  });

  test('marks the refusals that a rule may allow', () => {
    const marked = [...refusals.matchAll(/^\| `([a-z-]+)`\* .*`accept: \[([a-z-]+)\]`/gm)];

    expect(marked.map(([, reason]) => reason)).toEqual([...acceptKeys]);
    expect(marked.map(([, , key]) => key)).toEqual([...acceptKeys]);
  });
});

test.for(['README.md', 'docs/operations.md'])('%s names every exit code and no other', (path) => {
  const [, list = ''] = /Exit codes:([^]*?)(?:\n\n|$)/.exec(read(path)) ?? [];
  const named = list.split('·').map((entry) => Number.parseInt(entry, 10));

  expect(named).toEqual(Object.values(exitCodes));
});
