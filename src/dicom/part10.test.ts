import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readNumbers, readString } from './element-values.ts';
import { implementationVersionName } from './implementation.ts';
import { encodeFileMeta, parsePart10 } from './part10.ts';
import { tags } from './tags.ts';

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');

const dataSet = hex('0800 6000 4353 0200 4d52');

// (0002,0010) UI; the group length before it is wrong on purpose
function meta(transferSyntaxUid: string): Buffer {
  const uid = Buffer.from(transferSyntaxUid.length % 2 === 0 ? transferSyntaxUid : `${transferSyntaxUid}\0`);
  const header = hex('0200 0000 554c 0400 ffffff7f   0200 1000 5549 0000');
  header.writeUInt16LE(uid.length, header.length - 2);
  return Buffer.concat([header, uid]);
}

const preamble = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
const explicit = meta('1.2.840.10008.1.2.1');

describe('parsePart10', () => {
  test.for([
    { name: 'a whole file, its group length wrong', bytes: Buffer.concat([preamble, explicit, dataSet]) },
    { name: 'a file without preamble', bytes: Buffer.concat([Buffer.from('DICM'), explicit, dataSet]) },
    { name: 'a file without preamble and magic word', bytes: Buffer.concat([explicit, dataSet]) },
    { name: 'a bare data set', bytes: dataSet },
    { name: 'a meta without transfer syntax', bytes: Buffer.concat([preamble, explicit.subarray(0, 12), dataSet]) },
  ])('opens $name', ({ bytes }) => {
    const file = parsePart10(bytes);

    expect(file.transferSyntaxUid).toBe('1.2.840.10008.1.2.1');
    expect(bytes.subarray(file.dataSetOffsetBytes)).toEqual(dataSet);
    expect(readString(file.dataSet, tags.Modality)).toBe('MR');
  });

  test.for([
    { uid: '1.2.840.10008.1.2', bytes: hex('0800 6000 02000000 4d52') },
    { uid: '1.2.840.10008.1.2.2', bytes: hex('0008 0060 4353 0002 4d52') },
  ])('guesses $uid from the first element of a bare data set', ({ uid, bytes }) => {
    const file = parsePart10(bytes);

    expect(file.transferSyntaxUid).toBe(uid);
    expect(readString(file.dataSet, tags.Modality)).toBe('MR');
  });

  test('inflates a deflated data set, padding byte or not', () => {
    const deflated = deflateRawSync(dataSet);

    for (const padding of [Buffer.alloc(0), Buffer.alloc(1)]) {
      const file = parsePart10(Buffer.concat([preamble, meta('1.2.840.10008.1.2.1.99'), deflated, padding]));
      expect(readString(file.dataSet, tags.Modality)).toBe('MR');
    }
  });

  test.for([
    { name: 'a bomb', bytes: deflateRawSync(Buffer.alloc(100_000)), code: 'DICOM_INFLATE_FAILED' },
    { name: 'a broken stream', bytes: Buffer.alloc(20, 0xff), code: 'DICOM_INFLATE_FAILED' },
  ])('refuses $name in a deflated file with $code', ({ bytes, code }) => {
    const file = Buffer.concat([preamble, meta('1.2.840.10008.1.2.1.99'), bytes]);

    expect(() => parsePart10(file, { maxInflatedBytes: 10_000 })).toThrow(expect.objectContaining({ code }));
  });

  test.for([
    { name: 'nothing', bytes: Buffer.alloc(0) },
    { name: 'text', bytes: Buffer.from('GET / HTTP/1.1\r\n') },
    { name: 'zeros', bytes: Buffer.alloc(500) },
  ])('says that $name is not DICOM', ({ bytes }) => {
    expect(() => parsePart10(bytes)).toThrow(expect.objectContaining({ code: 'DICOM_NOT_DICOM' }));
  });
});

describe('encodeFileMeta', () => {
  test('writes a file head that reads back, its group length right', () => {
    const head = encodeFileMeta({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: '1.2.3',
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      sourceAeTitle: 'CT1',
    });

    const file = parsePart10(Buffer.concat([head, dataSet]));

    expect(file.dataSetOffsetBytes).toBe(head.length);
    expect(readNumbers(file.meta, tags.FileMetaInformationGroupLength)).toEqual([head.length - 144]);
    expect(readString(file.meta, tags.MediaStorageSopInstanceUid)).toBe('1.2.3');
    expect(readString(file.meta, tags.SourceApplicationEntityTitle)).toBe('CT1');
  });

  test('names the version of the package, in at most 16 characters', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

    expect(implementationVersionName).toBe(`DIFFCODE_${version}`);
    expect(implementationVersionName.length).toBeLessThanOrEqual(16);
  });
});
