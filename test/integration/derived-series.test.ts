import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Codecs, openCodecs } from '../../src/dicom/codecs/codecs.ts';
import { describeDerivedSeries } from '../../src/dicom/derived/derived-series.ts';
import { readString, readStrings } from '../../src/dicom/element-values.ts';
import { parsePart10 } from '../../src/dicom/part10.ts';
import { tags } from '../../src/dicom/tags.ts';
import { parseUid, type SeriesInstanceUid } from '../../src/dicom/uid.ts';
import { seriesFacts } from '../builders/derive-request.ts';
import { type Derivation, deriveToFiles } from '../builders/derive-to-files.ts';
import { droppable, recomputed, written } from '../builders/written-elements.ts';
import { findZooFile, sharedSeries } from '../builders/zoo.ts';
import { readExpressions, surplus, unmatched, verifyFile } from '../peers/dciodvfy-report.ts';
import { findPydicom, hasTool, readWithPydicom, runTool } from '../peers/run-tool.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'derived-series-'));
const codecs = await openCodecs();
const pydicom = findPydicom();

afterAll(() => rmSync(folder, { recursive: true }));

const small = ['a', 'b', 'c'].map((part) => findZooFile(`mf-ct-odd-23x38-${part}.dcm`));
const series = [
  { name: 'three small CT slices', files: small.filter((file) => file !== undefined) },
  { name: 'CT, JPEG-LS', files: sharedSeries('CT') },
  { name: 'MR, explicit little endian', files: sharedSeries('MR') },
  { name: 'PET, a slope for each slice', files: sharedSeries('PT') },
];

describe.each(series)('$name', ({ name, files }) => {
  const derivations: Derivation[] = [];
  const missing = files.length === 0 ? `the series of "${name}" is in neither test/fixtures nor ../shared/data` : '';

  beforeAll(async () => derivations.push(...(await deriveSeries(name, files, codecs))), 120_000);

  test('every instance has a partner in one derived series', (context) => {
    if (missing !== '') context.skip(missing);
    const headers = derivations.map(({ derived: { dataSet } }) =>
      [tags.SeriesInstanceUid, tags.SeriesNumber, tags.SeriesDescription].map((tag) => readString(dataSet, tag)),
    );

    expect(new Set(headers.map((header) => header.join('|'))).size).toBe(1);
    expect(new Set(derivations.map(({ instance }) => instance.sopInstanceUid)).size).toBe(files.length);
    for (const { source, derived } of derivations) {
      for (const tag of [tags.InstanceNumber, tags.ImagePositionPatient, tags.RescaleSlope, tags.FrameOfReferenceUid]) {
        expect(readStrings(derived.dataSet, tag)).toEqual(readStrings(source.dataSet, tag));
      }
    }
  });

  test('dcentvfy has nothing to say that it does not say of the source', async (context) => {
    if (missing !== '') context.skip(missing);
    if (!hasTool('dcentvfy')) context.skip('dcentvfy (dicom3tools) is not installed');
    const sources = derivations.map(({ sourcePath }) => sourcePath);
    const derived = derivations.map(({ derivedPath }) => derivedPath);

    const ofSources = await entityMessages(sources);

    expect(await entityMessages(derived)).toEqual(ofSources);
    expect(await entityMessages([...sources, ...derived])).toEqual(ofSources);
  });

  test('dciodvfy finds no errors beyond those of the source in first, middle and last instance', async (context) => {
    if (missing !== '') context.skip(missing);
    if (!hasTool('dciodvfy')) context.skip('dciodvfy (dicom3tools) is not installed');
    const known = readExpressions(path.join(import.meta.dirname, 'dciodvfy-known-warnings.tsv'));
    const picked = [0, Math.floor(files.length / 2), files.length - 1].map((index) => derivations[index]);

    for (const derivation of picked) {
      const source = await verifyFile(derivation?.sourcePath ?? '');
      const derived = await verifyFile(derivation?.derivedPath ?? '');
      expect([...surplus(derived.errors, source.errors)]).toEqual([]);
      expect(unmatched(surplus(derived.warnings, source.warnings), known)).toEqual([]);
    }
  });

  test('pydicom sees exactly the elements of the design changed or added, and none lost', async (context) => {
    if (missing !== '') context.skip(missing);
    if (pydicom === undefined) return context.skip('pydicom is not installed for /usr/bin/python3');
    const pairs = derivations.map(({ sourcePath, derivedPath }) => `${sourcePath}\t${derivedPath}`);

    const { touched, removed } = merged(await readWithPydicom(pydicom, pairs));

    expect(touched.filter((tag) => !recomputed.includes(tag))).toEqual(written.classic);
    expect(removed.filter((tag) => !droppable.includes(tag))).toEqual([]);
  });
});

/** Tags over all pairs: a slice of nothing but air is the same after the mean. */
function merged(differences: readonly unknown[]): { touched: readonly string[]; removed: readonly string[] } {
  const pairs = differences as readonly Readonly<Record<'changed' | 'added' | 'removed', readonly string[]>>[];
  const touched = new Set(pairs.flatMap(({ changed, added }) => [...changed, ...added]));
  return { touched: [...touched].toSorted(), removed: [...new Set(pairs.flatMap(({ removed }) => removed))] };
}

async function deriveSeries(name: string, files: readonly Buffer[], decoders: Codecs): Promise<readonly Derivation[]> {
  const sources = files.map((file) => parsePart10(file).dataSet);
  const [first] = sources;
  if (first === undefined) return [];
  const uid = parseUid<SeriesInstanceUid>(readString(first, tags.SeriesInstanceUid) ?? '');
  const facts = seriesFacts(readString(first, tags.Modality) ?? '');
  const derivedSeries = describeDerivedSeries(uid, first, sources.slice(1), facts);
  const derivations: Derivation[] = [];
  for (const [index, file] of files.entries()) {
    derivations.push(await deriveToFiles(folder, `${name} ${index}`, file, decoders, derivedSeries));
  }
  return derivations;
}

/** Kinds of messages on entities that are not the same in all files. */
async function entityMessages(files: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await runTool('dcentvfy', files);
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => /Error|Warning/.test(line));
  return [...new Set(lines.map((line) => line.replace(/<[^>]*>/g, '<>')))].toSorted();
}
