import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchemaOf } from '../../src/config/json-schema.ts';
import { configFiles, configurationPage } from './configuration-page.ts';
import { errorsPage, errorTablesOf } from './errors-page.ts';
import { logEventsPage } from './log-events-page.ts';

/** Everything that is generated from tables in the source, by its path from the root of the repository. */
export async function references(): Promise<ReadonlyMap<string, string>> {
  const schemas = configFiles.map((file): [string, string] => [
    `config/schema/${file.replace('.yaml', '.schema.json')}`,
    `${JSON.stringify(jsonSchemaOf(file), null, 2)}\n`,
  ]);
  return new Map([
    ...schemas,
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/errors.md', errorsPage(await errorTables())],
    ['docs/reference/log-events.md', logEventsPage()],
  ]);
}

async function errorTables() {
  const source = new URL('../../src/', import.meta.url);
  const rooms = readdirSync(fileURLToPath(source), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(new URL(`${entry.name}/`, source)).includes('errors.ts'))
    .map(({ name }) => name)
    .toSorted();
  const tables = rooms.map(async (room) => {
    const module: object = await import(new URL(`${room}/errors.ts`, source).href);
    return errorTablesOf(room, module);
  });
  return (await Promise.all(tables)).flat();
}
