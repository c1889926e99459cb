import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dataSetOf } from '../../test/builders/data-set.ts';
import { ct } from '../../test/builders/images.ts';
import { findZooFile } from '../../test/builders/zoo.ts';
import { findElement } from '../dicom/data-set.ts';
import { readString } from '../dicom/element-values.ts';
import { tags } from '../dicom/tags.ts';
import { deflatedUid, explicitLittleUid } from '../dicom/transfer-syntax.ts';
import { readHeader } from './read-header.ts';
import { readFileHeader } from './read-stored.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'header-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function stored(bytes: Buffer, transferSyntaxUid = explicitLittleUid) {
  const path = join(folder, 'a.dcm');
  await writeFile(path, bytes);
  return { path, dataSetOffsetBytes: 0, transferSyntaxUid };
}

const firstReadBytes = 64 * 1024;

/** A CT slice whose elements before Modality (0008,0060) fill `bytes` exactly: a private element takes the rest. */
function withPrivate(valueBytes: number): Buffer {
  return dataSetOf(ct, [{ tag: 0x00090010, vr: 'OB', value: Buffer.alloc(valueBytes) }]).bytes;
}

describe('the header of a stored object', () => {
  test('is read to its pixels, which are listed with their length and not read', async () => {
    const pixels = Buffer.alloc(4 * firstReadBytes);

    const header = await readHeader(await stored(dataSetOf({ ...ct, PixelData: pixels }).bytes));

    expect(header.fault).toBeUndefined();
    expect(findElement(header, tags.PixelData)).toMatchObject({ lengthBytes: pixels.length });
    expect(header.bytes.length).toBe(firstReadBytes);
  });

  test('is read in full when it is longer than the first read', async () => {
    const header = await readHeader(await stored(withPrivate(5 * firstReadBytes)));

    expect(readString(header, tags.SeriesInstanceUid)).toBe('2.25.2');
    expect(findElement(header, tags.PixelData)).toBeDefined();
  });

  test('is read on when the first read ends between two elements', async () => {
    const plain = dataSetOf(ct, [{ tag: 0x00090010, vr: 'OB', value: Buffer.alloc(0) }]);
    const before = plain.elements.find(({ tag }) => tag === 0x00090010)?.end ?? 0;

    const header = await readHeader(await stored(withPrivate(firstReadBytes - before)));

    expect(header.elements.find(({ tag }) => tag === 0x00090010)?.end).toBe(firstReadBytes);
    expect(readString(header, tags.SeriesInstanceUid)).toBe('2.25.2');
  });

  test('of a deflated object is inflated', async () => {
    const bytes = deflateRawSync(withPrivate(5 * firstReadBytes));

    const header = await readHeader(await stored(bytes, deflatedUid));

    expect(readString(header, tags.SeriesInstanceUid)).toBe('2.25.2');
    expect(findElement(header, tags.PixelData)).toMatchObject({ lengthBytes: 64 * 64 * 2 });
  });

  test('of an object with compressed frames names pixels of undefined length', async () => {
    const path = join(folder, 'mr.dcm');
    await writeFile(path, findZooFile('ts-mr-j2k-lossless') ?? findZooFile('ts-mr-j2k-lossless.dcm') ?? '');

    const { dataSet } = await readFileHeader({ path });

    expect(findElement(dataSet, tags.PixelData)).toMatchObject({ undefinedLength: true });
  });

  test('of an object without pixels ends with its last element', async () => {
    const header = await readHeader(await stored(dataSetOf({ ...ct, PixelData: undefined }).bytes));

    expect(header.fault).toBeUndefined();
    expect(findElement(header, tags.PixelData)).toBeUndefined();
  });

  test('of a file that ends in its pixels says truncated', async () => {
    const bytes = dataSetOf({ ...ct, PixelData: Buffer.alloc(2 * firstReadBytes) }).bytes;

    const header = await readHeader(await stored(bytes.subarray(0, -10)));

    expect(header.fault).toBe('truncated');
  });

  test('of a missing file is an error with a code', async () => {
    const file = { path: join(folder, 'none.dcm'), dataSetOffsetBytes: 0, transferSyntaxUid: explicitLittleUid };

    await expect(readHeader(file)).rejects.toMatchObject({ code: 'PIPELINE_SOURCE_UNREADABLE' });
  });
});
