import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DataSet, elementBytes, findElement, walkDataSet } from '../../src/dicom/data-set.ts';
import { type Edit, joinRanges, splice } from '../../src/dicom/element-splicer.ts';
import { readNumber, readString } from '../../src/dicom/element-values.ts';
import { HeaderScanner } from '../../src/dicom/header-scanner.ts';
import { encodeFileMeta, type Part10, parsePart10 } from '../../src/dicom/part10.ts';
import { tags } from '../../src/dicom/tags.ts';
import { deflatedUid, explicitLittle, explicitLittleUid } from '../../src/dicom/transfer-syntax.ts';
import { encodeText } from '../../src/dicom/value-encoder.ts';
import { findZooFile, zooNames } from '../builders/zoo.ts';
import { findPydicom, hasTool, readWithPydicom, runTool } from '../peers/run-tool.ts';

const notDicom = new Set(['odd-no-meta']);
const names = zooNames().filter((name) => !notDicom.has(name));
const folder = mkdtempSync(path.join(tmpdir(), 'zoo-'));
afterAll(() => rmSync(folder, { recursive: true }));

const edit: Edit = { tag: tags.SeriesDescription, vr: 'LO', value: encodeText('LO', 'AI-DN Thorax') };
const dropped = new Set<number>([0x00080000, tags.LengthToEnd, edit.tag]);

function open(name: string): { readonly bytes: Buffer; readonly file: Part10 } {
  const bytes = findZooFile(`${name}.dcm`) ?? Buffer.alloc(0);
  return { bytes, file: parsePart10(bytes) };
}

/** Bytes of the elements that no edit touches, in order. */
function untouched(dataSet: DataSet): Buffer {
  const kept = dataSet.elements.filter(({ tag }) => !dropped.has(tag));
  return Buffer.concat(kept.map((element) => elementBytes(dataSet, element)));
}

function editedDataSet({ dataSet }: Part10): Buffer {
  return joinRanges(splice(dataSet, [edit]));
}

describe('every file of the zoo', () => {
  test.for(names.map((name) => ({ name })))('$name: no edits, no change', ({ name }) => {
    const { bytes, file } = open(name);
    const stored = bytes.subarray(file.dataSetOffsetBytes);

    const ranges = splice(file.dataSet, []);

    expect(joinRanges(ranges).equals(file.transferSyntaxUid === deflatedUid ? inflateRawSync(stored) : stored)).toBe(
      true,
    );
  });

  test.for(names.map((name) => ({ name })))('$name: one edit changes nothing else', ({ name }) => {
    const { file } = open(name);
    if (file.dataSet.fault !== undefined) {
      expect(() => editedDataSet(file)).toThrow(expect.objectContaining({ code: 'DICOM_DATA_SET_FAULTY' }));
      return;
    }

    const result = walkDataSet(editedDataSet(file), file.dataSet.encoding);

    expect(result.fault).toBeUndefined();
    expect(readString(result, edit.tag)).toBe('AI-DN Thorax');
    expect(untouched(result).equals(untouched(file.dataSet))).toBe(true);
  });

  test.for(names.map((name) => ({ name })))('$name: scanned in pieces as walked whole', ({ name }) => {
    const { bytes, file } = open(name);
    const scanner = new HeaderScanner(file.transferSyntaxUid);
    for (let at = file.dataSetOffsetBytes; at < bytes.length; at += 1021) scanner.push(bytes.subarray(at, at + 1021));

    const header = scanner.finish();

    const pixels = findElement(file.dataSet, tags.PixelData);
    expect(header.sopInstanceUid).toBe(readString(file.dataSet, tags.SopInstanceUid));
    expect(header.rows).toBe(readNumber(file.dataSet, tags.Rows));
    if (file.dataSet.fault === undefined) expect(header.fault).toBeUndefined();
    else expect(['truncated', 'undelimited']).toContain(header.fault);
    if (pixels !== undefined) expect(header.pixelData?.tag).toBe(tags.PixelData);
  });
});

const pathOf = (name: string, kind: string) => path.join(folder, `${name}.${kind}.dcm`);

function withMeta(file: Part10, dataSet: Buffer, transferSyntaxUid: string = file.transferSyntaxUid): Buffer {
  const sopClassUid = readString(file.dataSet, tags.SopClassUid) ?? '1.2';
  const sopInstanceUid = readString(file.dataSet, tags.SopInstanceUid) ?? '1.2';
  return Buffer.concat([encodeFileMeta({ sopClassUid, sopInstanceUid, transferSyntaxUid }), dataSet]);
}

/** Elements as dcmdump prints them, without the meta, which is new, and without what the edit may change. */
async function dumpedLines(paths: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runTool('dcmdump', ['-q', '+E', ...paths]);
  return stdout
    .split('\n')
    .filter((line) => /^ *\(/.test(line))
    .filter((line) => !/^\((0002,|0008,0000|0008,0001|0008,103e|fffe,)/.test(line));
}

describe('an edited file as others read it', () => {
  const whole = names.filter((name) => open(name).file.dataSet.fault === undefined);

  beforeAll(() => {
    for (const name of whole) {
      const { bytes, file } = open(name);
      const deflated = file.transferSyntaxUid === deflatedUid;
      writeFileSync(pathOf(name, 'source'), file.dataSetOffsetBytes === 0 ? withMeta(file, file.dataSet.bytes) : bytes);
      writeFileSync(
        pathOf(name, 'edited'),
        withMeta(file, editedDataSet(file), deflated ? explicitLittleUid : undefined),
      );
    }
  });

  test('dcmdump prints the same lines but those of the edit', { timeout: 120_000 }, async (context) => {
    if (!hasTool('dcmdump')) return context.skip('no dcmdump: install dcmtk');

    const sources = await dumpedLines(whole.map((name) => pathOf(name, 'source')));
    const edited = await dumpedLines(whole.map((name) => pathOf(name, 'edited')));

    expect(edited).toEqual(sources);
    expect(sources.length).toBeGreaterThan(whole.length * 20);
    return undefined;
  });

  test('pydicom finds the edit and nothing else', { timeout: 120_000 }, async (context) => {
    const python = findPydicom();
    if (python === undefined) return context.skip('no pydicom: install python3-pydicom');

    const pairs = whole.map((name) => `${pathOf(name, 'source')}\t${pathOf(name, 'edited')}`);
    const found = await readWithPydicom(python, pairs);

    const allowed = new Set(['(0008,0000)', '(0008,0001)', '(0008,103E)']);
    const surprising = found.map((each, index) => ({
      name: whole[index],
      tags: Object.values(each as Record<string, readonly string[]>)
        .flat()
        .filter((tag) => !allowed.has(tag)),
    }));
    expect(surprising.filter((each) => each.tags.length > 0)).toEqual([]);
    return undefined;
  });
});

/** Values by tag, as they stand in the bytes. */
function valuesOf({ elements, bytes }: DataSet): ReadonlyMap<number, Buffer> {
  return new Map(
    elements.map(({ tag, valueOffset, lengthBytes }) => [tag, bytes.subarray(valueOffset, valueOffset + lengthBytes)]),
  );
}

describe('big endian sources as explicit little endian', () => {
  test.for([
    { big: 'ts-mr-explicit-be', little: 'ts-mr-explicit-le' },
    { big: 'mf-mr-enhanced-be', little: 'mf-mr-enhanced' },
    { big: 'ts-ct-explicit-be', little: 'ts-ct-explicit-le' },
  ])('$big has the values that $little has', ({ big, little }, context) => {
    if (findZooFile(`${big}.dcm`) === undefined) context.skip('no ../shared/data/zoo');
    const { dataSet } = open(big).file;

    const converted = walkDataSet(joinRanges(splice(dataSet, [], { target: explicitLittle })), explicitLittle);

    const reference = valuesOf(open(little).file.dataSet);
    const differing = [...valuesOf(converted)].filter(([tag, value]) => !reference.get(tag)?.equals(value));
    expect(differing.map(([tag]) => tag)).toEqual([]);
  });
});
