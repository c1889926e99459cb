import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type DataSet, findElement, valueBytes } from '../../src/dicom/data-set.ts';
import { deriveInstance } from '../../src/dicom/derived/derive-instance.ts';
import { type Edit, joinRanges, splice } from '../../src/dicom/element-splicer.ts';
import { type Part10, parsePart10 } from '../../src/dicom/part10.ts';
import { tagOfKeyword, tags } from '../../src/dicom/tags.ts';
import { deriveRequest } from '../builders/derive-request.ts';
import { buildSource } from '../builders/source-instance.ts';
import { findZooFile } from '../builders/zoo.ts';
import { findPydicom, readWithPydicom } from '../peers/run-tool.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'derived-text-'));
const pydicom = findPydicom();

afterAll(() => rmSync(folder, { recursive: true }));

const names = ['cs-ja-h31', 'cs-ja-h32', 'cs-ko', 'cs-gb18030', 'cs-greek', 'cs-arabic', 'cs-french-multi', 'cs-utf8'];

test.for(names)('a CT with the texts of %s keeps their bytes and reads the same elsewhere', async (name, context) => {
  const bytes = findZooFile(`${name}.dcm`);
  if (bytes === undefined) return context.skip(`${name}.dcm is neither in test/fixtures/zoo nor in ../shared/data/zoo`);
  const source = withTextsOf(parsePart10(bytes).dataSet);
  const stored = new Int16Array(12);

  const file = Buffer.concat([...deriveInstance(deriveRequest(source, stored)).parts]);

  const derived = parsePart10(file).dataSet;
  for (const tag of [tags.PatientName, tags.SpecificCharacterSet]) {
    expect(valueOf(derived, tag)).toEqual(valueOf(source.dataSet, tag));
  }
  const description = valueOf(source.dataSet, tags.SeriesDescription);
  expect(valueOf(derived, tags.SeriesDescription)?.includes(description ?? 'nothing')).toBe(true);
  if (pydicom === undefined) return context.skip('bytes are equal; pydicom, to read them, is not installed');
  const [before, after] = await readBoth(pydicom, name, source, file);
  expect(after).toEqual({ patientName: before.patientName, seriesDescription: `AI-DN ${before.seriesDescription}` });
});

/** A small CT with a name of the zoo, which serves as Series Description too. */
function withTextsOf(other: DataSet): Part10 {
  const name = valueOf(other, tags.PatientName) ?? Buffer.alloc(0);
  const description = Buffer.from(name.toString('latin1').split('=')[0] ?? '', 'latin1');
  const edits: readonly Edit[] = [
    { tag: tags.SpecificCharacterSet, vr: 'CS', value: valueOf(other, tags.SpecificCharacterSet) ?? Buffer.alloc(0) },
    { tag: tags.PatientName, vr: 'PN', value: name },
    { tag: tagOfKeyword('SeriesDescription'), vr: 'LO', value: description },
  ];
  return parsePart10(buildSource({ modality: 'CT', edits }));
}

function valueOf(dataSet: DataSet, tag: number): Buffer | undefined {
  const element = findElement(dataSet, tag);
  return element === undefined ? undefined : valueBytes(dataSet, element);
}

interface Texts {
  readonly patientName: string;
  readonly seriesDescription: string;
}

async function readBoth(
  python: string,
  name: string,
  source: Part10,
  derived: Buffer,
): Promise<readonly [Texts, Texts]> {
  const paths = ['source', 'derived'].map((role) => path.join(folder, `${name}-${role}.dcm`));
  writeFileSync(
    paths[0] ?? '',
    joinRanges([derived.subarray(0, parsePart10(derived).dataSetOffsetBytes), ...splice(source.dataSet, [])]),
  );
  writeFileSync(paths[1] ?? '', derived);
  const [before, after] = (await readWithPydicom(python, paths)) as readonly Texts[];
  const textsOf = (texts: Texts | undefined) => ({
    patientName: texts?.patientName ?? '',
    seriesDescription: texts?.seriesDescription ?? '',
  });
  return [textsOf(before), textsOf(after)];
}
