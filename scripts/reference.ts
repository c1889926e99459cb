import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { references } from './reference/references.ts';

// Writes the reference pages and the JSON schemas of the configuration: `npx tsx scripts/reference.ts`.
for (const [path, text] of references()) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
