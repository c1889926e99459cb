import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const places = [path.join(root, 'test/fixtures/zoo'), path.resolve(root, '../shared/data/zoo')];

/** A file of the zoo: from the fixtures, or from the shared data beside the repository; `undefined` in neither. */
export function findZooFile(name: string): Buffer | undefined {
  const file = places.map((place) => path.join(place, name)).find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : readFileSync(file);
}

/** Names of all files of the zoo that are at hand, the fixtures among them, without `.dcm`. */
export function zooNames(): readonly string[] {
  const names = places.filter((place) => existsSync(place)).flatMap((place) => readdirSync(place));
  const files = names.filter((name) => name.endsWith('.dcm')).map((name) => path.basename(name, '.dcm'));
  return [...new Set(files)].toSorted();
}

/** The files of a shared series in the order of their names; none where the shared data are missing. */
export function sharedSeries(name: 'CT' | 'MR' | 'PT'): readonly Buffer[] {
  const folder = path.resolve(root, '../shared/data/series', name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((file) => readFileSync(path.join(folder, file)));
}
