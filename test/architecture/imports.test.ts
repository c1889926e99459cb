import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Import, importsOf, sourceFiles } from './imports.ts';
import { type Room, roofs, rooms } from './rooms.ts';

const files = sourceFiles();
const imports = files.flatMap(importsOf);

/** Folder of `src`, or the file itself where it lies in none. */
function roomOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function isAllowed(found: Import, room: Room): boolean {
  const { file, specifier, target, typesOnly } = found;
  if (target !== undefined) {
    const other = roomOf(target);
    if (other === roomOf(file) || room.rooms.includes(other)) return true;
    return typesOnly && room.typesOf.includes(other);
  }
  if (specifier.startsWith('node:')) return isListed(builtIn(specifier), file, room.builtIns);
  return isListed(specifier, file, room.packages);
}

/** `node:fs/promises` is `fs`. */
function builtIn(specifier: string): string {
  return specifier.slice('node:'.length).split('/')[0] ?? '';
}

/** By itself anywhere in the room, or behind the file or folder of the room to which it is kept. */
function isListed(name: string, file: string, allowed: readonly string[]): boolean {
  const inside = file.slice(roomOf(file).length + 1);
  return allowed.some(
    (entry) => entry === name || (entry.endsWith(`/${name}`) && `${inside}/`.startsWith(entry.slice(0, -name.length))),
  );
}

describe('rooms', () => {
  test('that exist are in the table', () => {
    const unknown = [...new Set(files.map(roomOf))].filter(
      (room) => rooms[room] === undefined && !roofs.includes(room),
    );

    expect(unknown).toEqual([]);
  });

  test.for(Object.keys(rooms))('%s imports only what its row allows', (name) => {
    const room = rooms[name];
    const wrong = imports
      .filter((found) => roomOf(found.file) === name && room !== undefined && !isAllowed(found, room))
      .map(({ file, specifier, typesOnly }) => `${file}: ${typesOnly ? 'type ' : ''}${specifier}`);

    expect(wrong).toEqual([]);
  });

  test('import each other in one direction: the table has no circle', () => {
    const edges = new Map(Object.entries(rooms).map(([name, room]) => [name, [...room.rooms, ...room.typesOf]]));

    expect(circlesIn(edges)).toEqual([]);
  });
});

describe('files of src', () => {
  test('make no circle of imports, not even of types', () => {
    const edges = new Map(files.map((file): [string, string[]] => [file, []]));
    for (const { file, target } of imports) if (target !== undefined) edges.get(file)?.push(target);

    expect(circlesIn(edges)).toEqual([]);
  });

  test('import nothing from outside src', () => {
    expect(
      imports.filter(({ target }) => target?.startsWith('..')).map(({ file, specifier }) => `${file}: ${specifier}`),
    ).toEqual([]);
  });

  test('name built-in modules with `node:`', () => {
    const bare = /^(fs|path|net|tls|crypto|zlib|stream|util|os|url|events|buffer|child_process|worker_threads)(\/|$)/;

    expect(imports.filter(({ specifier }) => bare.test(specifier)).map(({ file }) => file)).toEqual([]);
  });

  test('lie in no room that gathers what belongs elsewhere', () => {
    const gathering = /(^|\/)(utils?|helpers?|common|types|misc|shared)(\/|\.ts$)/;

    expect(files.filter((file) => gathering.test(file))).toEqual([]);
    expect(files.filter((file) => file.endsWith('index.ts')).map(dirname)).toEqual([]);
  });
});

/** One line for each circle that is met, by depth-first search. */
function circlesIn(edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) circles.push([...path.slice(path.indexOf(node)), node].join(' → '));
    if (path.includes(node) || done.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return circles;
}
