import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Spool } from './spool.ts';

let folder: string;
let spool: Spool;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spool-'));
  spool = await Spool.open({ folder, highMark: 0.999, lowMark: 0.99 });
});

afterEach(async () => {
  await spool.close();
  await rm(folder, { recursive: true });
});

const digest = (data: string): string => createHash('sha256').update(data).digest('hex');
const meta = Buffer.from('meta');

async function store(data: string, head = meta) {
  const incoming = spool.createIncoming();
  incoming.write([head, Buffer.from(data)]);
  const placed = incoming.place(digest(data));
  await placed.sync();
  return placed;
}

async function all(names: AsyncIterable<string>): Promise<string[]> {
  const list: string[] = [];
  for await (const name of names) list.push(name);
  return list;
}

const incomingParts = (): Promise<string[]> => readdir(join(folder, 'incoming'));

describe('Spool', () => {
  test('keeps an object under the digest of its data set, in a folder of its first two digits', async () => {
    const placed = await store('pixels');

    const name = digest('pixels');
    expect(placed.path).toBe(join(folder, 'stored', name.slice(0, 2), `${name}.dcm`));
    expect(await readFile(placed.path, 'latin1')).toBe('metapixels');
    expect(await incomingParts()).toEqual([]);
  });

  test('a second copy of the same bytes leaves the first file untouched', async () => {
    await store('pixels', Buffer.from('first'));

    const second = await store('pixels', Buffer.from('second'));

    expect(second).toMatchObject({ existed: true, extraHeadBytes: -1 });
    expect(await readFile(second.path, 'latin1')).toBe('firstpixels');
    expect(await incomingParts()).toEqual([]);
  });

  test('what is taken back is gone, but never a file that was there before', async () => {
    const first = await store('pixels');
    const second = spool.createIncoming();
    second.write([Buffer.from('metapixels')]);

    second.place(digest('pixels')).undo();
    expect(await readFile(first.path, 'latin1')).toBe('metapixels');

    first.undo();
    await expect(readFile(first.path)).rejects.toThrow('ENOENT');
  });

  test('an incoming file that is neither placed nor kept leaves nothing', async () => {
    {
      await using incoming = spool.createIncoming();
      incoming.write([Buffer.from('half')]);
      expect(await incomingParts()).toHaveLength(1);
    }

    expect(await incomingParts()).toEqual([]);
  });

  test('writes after the end are refused', () => {
    const incoming = spool.createIncoming();
    incoming.discard();

    expect(() => incoming.write([meta])).toThrow(expect.objectContaining({ code: 'SPOOL_FINISHED' }));
    expect(() => incoming.place(digest(''))).toThrow(expect.objectContaining({ code: 'SPOOL_FINISHED' }));
  });

  test.for([
    { name: 'a path', text: '../../../etc/passwd' },
    { name: 'an empty name', text: '' },
    { name: 'upper case', text: 'A'.repeat(64) },
    { name: 'a digest with a line end', text: `${'a'.repeat(64)}\n` },
  ])('$name is never made into a file name', ({ text }) => {
    const incoming = spool.createIncoming();

    expect(() => incoming.place(text)).toThrow(expect.objectContaining({ code: 'SPOOL_BAD_DIGEST' }));
    incoming.discard();
  });

  test('starting again removes parts and nothing else', async () => {
    const placed = await store('pixels');
    spool.createIncoming().write([meta]);
    await writeFile(join(folder, 'incoming', 'note.txt'), 'by a person');

    expect(await spool.recover()).toBe(1);

    expect(await incomingParts()).toEqual(['note.txt']);
    expect(await readFile(placed.path, 'latin1')).toBe('metapixels');
  });

  test('a check tells complete, damaged and missing apart', async () => {
    const placed = await store('pixels');
    const name = digest('pixels');

    expect(await spool.check('instance', name, meta.length)).toBe('complete');
    await writeFile(placed.path, 'metapixel');
    expect(await spool.check('instance', name, meta.length)).toBe('damaged');
    await spool.setAside('instance', name);
    expect(await spool.check('instance', name, meta.length)).toBe('missing');
    expect(await readdir(join(folder, 'aside'))).toHaveLength(1);
  });

  test('lists what it keeps by digest, received and derived apart', async () => {
    await store('one');
    const derived = spool.createDerived();
    derived.write([meta, Buffer.from('two')]);
    await derived.place(digest('two')).sync();
    await writeFile(join(folder, 'stored', digest('one').slice(0, 2), 'stray.dcm'), '');

    expect(await all(spool.digests('instance'))).toEqual([digest('one')]);
    expect(await all(spool.digests('derived'))).toEqual([digest('two')]);
    expect(await spool.file('derived', digest('two'))).toMatchObject({ sizeBytes: 7, digest: digest('two') });
  });

  test('removing twice is removing once', async () => {
    await store('one');

    await spool.remove('instance', digest('one'));
    await spool.remove('instance', digest('one'));

    await expect(spool.file('instance', digest('one'))).rejects.toMatchObject({ code: 'SPOOL_MISSING' });
  });

  test('sixteen stores at once, one of them twice, are sixteen durable files', async () => {
    const placed = await Promise.all(Array.from({ length: 16 }, (_, n) => store(`data ${n}`)));
    const again = await store('data 3');

    expect(again.existed).toBe(true);
    expect(new Set(placed.map(({ path }) => path)).size).toBe(16);
    expect(placed.every(({ existed }) => !existed)).toBe(true);
  });

  test('any views, in any pieces, are the bytes of the file', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 5_000 }), { maxLength: 40 });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(pieces, async (views) => {
        const incoming = spool.createIncoming();
        incoming.write(views.slice(0, 7));
        incoming.write(views.slice(7));
        const placed = incoming.place(digest(`round ${round++}`));
        await placed.sync();

        expect(await readFile(placed.path)).toEqual(Buffer.concat(views));
      }),
      { seed: 20_260_101, numRuns: 30 },
    );
  });

  test('tells how much space there is', () => {
    const space = spool.space();

    expect(space.freeBytes).toBeGreaterThan(0);
    expect(['ok', 'above-high-mark']).toContain(space.verdict);
  });

  test('a folder that can not be made is reported without its path', async () => {
    const blocked = join(folder, 'file');
    await writeFile(blocked, '');

    const opening = Spool.open({ folder: join(blocked, 'spool'), highMark: 0.9, lowMark: 0.8 });

    await expect(opening).rejects.toMatchObject({ code: 'SPOOL_UNAVAILABLE' });
    await expect(opening).rejects.not.toThrow(blocked);
  });
});
