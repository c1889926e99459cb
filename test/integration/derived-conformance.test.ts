import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCodecs } from '../../src/dicom/codecs/codecs.ts';
import { type DataSet, elementBytes } from '../../src/dicom/data-set.ts';
import { deriveInstance } from '../../src/dicom/derived/derive-instance.ts';
import { largestStoredValue, recomputedPetSlope } from '../../src/dicom/derived/pet-slope.ts';
import { readNumber } from '../../src/dicom/element-values.ts';
import { tags, tagText } from '../../src/dicom/tags.ts';
import { deriveRequest } from '../builders/derive-request.ts';
import { type Derivation, deriveToFiles } from '../builders/derive-to-files.ts';
import { droppable, recomputed, written } from '../builders/written-elements.ts';
import { findZooFile } from '../builders/zoo.ts';
import { readExpressions, surplus, unmatched, verifyFile } from '../peers/dciodvfy-report.ts';
import { findPydicom, hasTool, readWithPydicom, runTool } from '../peers/run-tool.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'derived-'));
const codecs = await openCodecs();
const pydicom = findPydicom();
const dciodvfy = hasTool('dciodvfy');
const dcmdump = hasTool('dcmdump');

afterAll(() => rmSync(folder, { recursive: true }));

interface Case {
  readonly name: string;
  readonly family: 'classic' | 'multi-frame';
}

// biome-ignore format: one modality per line
const classic = [
  'ts-ct-explicit-le', 'ts-ct-implicit-le', 'ts-ct-explicit-be', 'ts-ct-deflated', 'ts-ct-rle', 'ts-ct-jpegls-lossless',
  'ts-ct-j2k-lossless', 'ts-ct-jpeg-lossless-sv1', 'mf-ct-odd-23x38-a', 'route-ct-saturated', 'route-ct-phantom-a',
  'ts-mr-explicit-le', 'ts-mr-implicit-le', 'ts-mr-explicit-be', 'ts-mr-rle', 'ts-mr-jpegls-lossless',
  'ts-mr-j2k-lossless', 'route-mr-fruit', 'px-overlay-12', 'route-pet-ac-1', 'route-pet-jpegll-a',
];
const multiFrame = ['mf-ct-enhanced', 'mf-ct-legacy-converted', 'mf-mr-siemens-xa10', 'mf-mr-bruker'];
const cases: readonly Case[] = [
  ...classic.map((name) => ({ name, family: 'classic' as const })),
  ...multiFrame.map((name) => ({ name, family: 'multi-frame' as const })),
];

const derivations = new Map<string, Derivation>();

beforeAll(async () => {
  for (const { name } of cases) {
    const bytes = findZooFile(`${name}.dcm`);
    if (bytes !== undefined) derivations.set(name, await deriveToFiles(folder, name, bytes, codecs));
  }
}, 60_000);

const table = (name: string) => path.join(import.meta.dirname, name);

interface Skippable {
  readonly skip: (note: string) => never;
}

function derivationOf({ name }: Case, context: Skippable): Derivation {
  return derivations.get(name) ?? context.skip(`${name}.dcm is neither in test/fixtures/zoo nor in ../shared/data/zoo`);
}

describe('the list of changed elements is that of the design', () => {
  test.for(cases)('$name', (item, context) => {
    const { source, derived } = derivationOf(item, context);
    const before = tagsOf(source.dataSet);
    const after = tagsOf(derived.dataSet);

    const removed = before.filter((tag) => !after.includes(tag));
    const added = after.filter((tag) => !before.includes(tag));
    const bigEndian = !source.dataSet.encoding.littleEndian;
    const changed = bigEndian ? [] : changedTags(source.dataSet, derived.dataSet);

    const ours = new Set<string>([...written[item.family], ...recomputed]);
    const groupLength = /^\([0-9A-F]{4},0000\)$/;
    expect(removed.filter((tag) => !droppable.includes(tag) && !groupLength.test(tag))).toEqual([]);
    expect(before.filter((tag) => groupLength.test(tag) && after.includes(tag))).toEqual([]);
    expect([...changed, ...added].filter((tag) => !ours.has(tag))).toEqual([]);
    expect(written[item.family].filter((tag) => !after.includes(tag) && tag !== '(5200,9229)')).toEqual([]);
    expect(added.filter((tag) => recomputed.includes(tag))).toEqual([]);
  });
});

const tagsOf = (dataSet: DataSet) => dataSet.elements.map(({ tag }) => tagText(tag));

/** Elements that both have, with other bytes: compared where both are in one encoding. */
function changedTags(source: DataSet, derived: DataSet): readonly string[] {
  const after = new Map(derived.elements.map((element) => [element.tag, elementBytes(derived, element)]));
  return source.elements
    .filter((element) => after.get(element.tag)?.equals(elementBytes(source, element)) === false)
    .map(({ tag }) => tagText(tag));
}

describe('dciodvfy finds no errors beyond those of the source', () => {
  const allowed = readExpressions(table('dciodvfy-allowed-errors.tsv'));
  const known = readExpressions(table('dciodvfy-known-warnings.tsv'));

  test.for(cases)('$name', async (item, context) => {
    if (!dciodvfy) context.skip('dciodvfy (dicom3tools) is not installed');
    const { sourcePath, derivedPath } = derivationOf(item, context);

    const source = await verifyFile(sourcePath);
    const derived = await verifyFile(derivedPath);

    expect(unmatched(surplus(derived.errors, source.errors), allowed)).toEqual([]);
    expect(unmatched(surplus(derived.warnings, source.warnings), known)).toEqual([]);
  });
});

test('dciodvfy finds nothing new in a PET slice whose slope was recomputed', async (context) => {
  if (!dciodvfy) context.skip('dciodvfy (dicom3tools) is not installed');
  const { source, stored, derivedPath } = derivationOf({ name: 'route-pet-ac-1', family: 'classic' }, context);
  const sourceSlope = readNumber(source.dataSet, tags.RescaleSlope) ?? 1;
  const slope = recomputedPetSlope(sourceSlope, sourceSlope * 40_000.1, largestStoredValue(16, 1));
  const { parts } = deriveInstance({ ...deriveRequest(source, stored), slopes: [slope] });
  const file = path.join(folder, 'new-slope.dcm');
  writeFileSync(file, Buffer.concat([...parts]));

  const kept = await verifyFile(derivedPath);
  const recomputedSlope = await verifyFile(file);

  expect(slope?.text.length).toBe(16);
  expect([...surplus(recomputedSlope.errors, kept.errors)]).toEqual([]);
  expect([...surplus(recomputedSlope.warnings, kept.warnings)]).toEqual([]);
});

describe('other readers', () => {
  test.for(cases)('dcmdump reads $name to its end', async (item, context) => {
    if (!dcmdump) context.skip('dcmdump (dcmtk) is not installed');
    const { derivedPath } = derivationOf(item, context);

    const { exitCode, stderr } = await runTool('dcmdump', ['-q', derivedPath]);

    expect({ exitCode, errors: stderr }).toEqual({ exitCode: 0, errors: '' });
  });

  test('pydicom reads shape, UID, description and pixels back', async (context) => {
    if (pydicom === undefined) return context.skip('pydicom is not installed for /usr/bin/python3');
    const known = [...derivations.values()];

    const read = await readWithPydicom(
      pydicom,
      known.map(({ derivedPath }) => derivedPath),
    );

    expect(read).toEqual(known.map(expectedReading));
  });
});

function expectedReading({ instance, original, stored }: Derivation): unknown {
  const { rows, columns, frames } = original;
  return expect.objectContaining({
    sopInstanceUid: instance.sopInstanceUid,
    transferSyntaxUid: instance.transferSyntaxUid,
    shape: frames === 1 ? [rows, columns] : [frames, rows, columns],
    pixelsSha256: createHash('sha256')
      .update(Buffer.from(BigInt64Array.from(stored, BigInt).buffer))
      .digest('hex'),
    imageType: expect.stringMatching(/^DERIVED\\PRIMARY/) as unknown,
    seriesDescription: expect.stringMatching(/^AI-(DN|SR|PT)/) as unknown,
  });
}
