import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorTables, references } from '../../scripts/reference/references.ts';
import { sourceFiles } from './imports.ts';

test.for([...references()])('%s says what its source says: else run `npx tsx scripts/reference.ts`', ([path, text]) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
});

test('every room that has errors has its table in the reference', () => {
  const rooms = sourceFiles().filter((file) => file.endsWith('/errors.ts'));

  expect(Object.keys(errorTables).map((room) => `${room}/errors.ts`)).toEqual(rooms);
});
