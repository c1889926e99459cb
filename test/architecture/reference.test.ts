import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { references } from '../../scripts/reference/references.ts';

test.for([...(await references())])(
  '%s says what its source says: else run `npx tsx scripts/reference.ts`',
  ([path, text]) => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
  },
);
