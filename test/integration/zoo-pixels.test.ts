import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openCodecs } from '../../src/dicom/codecs/codecs.ts';
import { joinRanges } from '../../src/dicom/element-splicer.ts';
import { encodeFileMeta, parsePart10 } from '../../src/dicom/part10.ts';
import { decodePixels, type PixelFrames } from '../../src/dicom/pixels.ts';
import { transcode, transcodingTargets } from '../../src/dicom/transcode.ts';
import { findTransferSyntax, htj2kLosslessUid } from '../../src/dicom/transfer-syntax.ts';
import { findZooFile, zooNames } from '../builders/zoo.ts';
import { hasTool, runTool } from '../peers/run-tool.ts';

const codecs = await openCodecs();
const gdcmconv = hasTool('gdcmconv');
const folder = mkdtempSync(path.join(tmpdir(), 'zoo-pixels-'));
afterAll(() => rmSync(folder, { recursive: true }));

const missing = 'not among the fixtures, and no ../shared/data/zoo';

async function decode(bytes: Buffer): Promise<PixelFrames> {
  return decodePixels(parsePart10(bytes), codecs);
}

/** Stored values as bytes, which compare faster than arrays. */
function storedBytes({ stored }: PixelFrames): Buffer {
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
}

// biome-ignore format: one image per line
const sameImages = [
  { image: 'ts-ct-jpegls-lossless', others: ['ts-ct-implicit-le', 'ts-ct-explicit-le', 'ts-ct-explicit-be', 'ts-ct-deflated', 'ts-ct-rle',
    'ts-ct-jpeg-lossless-sv1', 'ts-ct-jpeg-lossless-p14', 'ts-ct-j2k-lossless'] },
  { image: 'ts-mr-explicit-le', others: ['ts-mr-implicit-le', 'ts-mr-explicit-be', 'ts-mr-rle', 'ts-mr-jpegls-lossless',
    'ts-mr-j2k-lossless', 'odd-padded-pixels'] },
  { image: 'mf-mr-enhanced', others: ['mf-mr-enhanced-be', 'mf-mr-enhanced-rle', 'mf-mr-enhanced-jls', 'mf-mr-enhanced-j2k'] },
].flatMap(({ image, others }) => others.map((other) => ({ image, other })));

describe('lossless files of one image', () => {
  test.for(sameImages)('$other has the pixels of $image', async ({ image, other }, context) => {
    const [reference, bytes] = [findZooFile(`${image}.dcm`), findZooFile(`${other}.dcm`)];
    if (reference === undefined || bytes === undefined) return context.skip(missing);

    expect(storedBytes(await decode(bytes)).equals(storedBytes(await decode(reference)))).toBe(true);
    return undefined;
  });
});

async function rawByGdcm(name: string, bytes: Buffer): Promise<Buffer | undefined> {
  const [from, to] = [path.join(folder, `${name}.dcm`), path.join(folder, `${name}.raw.dcm`)];
  writeFileSync(from, bytes);
  const { exitCode } = await runTool('gdcmconv', ['--raw', from, to]);
  return exitCode === 0 ? readFile(to) : undefined;
}

describe('decoded by us and by GDCM', () => {
  // GDCM keeps the 16 bits that its lossy codestream says, the header 12: our values end at 4095
  const differsByDesign = new Set(['ts-mr-j2k-lossy-multifrag']);
  const compressed = zooNames().filter((name) => {
    const bytes = findZooFile(`${name}.dcm`);
    if (bytes === undefined || name === 'odd-no-meta' || differsByDesign.has(name)) return false;
    return findTransferSyntax(parsePart10(bytes).transferSyntaxUid)?.compressed ?? false;
  });

  test.for(compressed.map((name) => ({ name })))('$name: same stored values', async ({ name }, context) => {
    if (!gdcmconv) return context.skip('no gdcmconv: install libgdcm-tools');
    const bytes = findZooFile(`${name}.dcm`) ?? Buffer.alloc(0);
    const ours = await decode(bytes).catch((error: unknown) => error);
    if (ours instanceof Error) return context.skip(`not decoded: ${ours.message}`);
    const raw = await rawByGdcm(name, bytes);
    if (raw === undefined) return context.skip('GDCM does not read it');

    expect(storedBytes(await decode(raw)).equals(storedBytes(ours as PixelFrames))).toBe(true);
    return undefined;
  });

  test('lossy values beyond Bits Stored end at the largest, they do not wrap', async (context) => {
    const bytes = findZooFile('ts-mr-j2k-lossy-multifrag.dcm');
    if (bytes === undefined) return context.skip(missing);

    const { stored } = await decode(bytes);
    const raw = gdcmconv ? await rawByGdcm('overshoot', bytes) : undefined;
    if (raw === undefined) return context.skip('no gdcmconv: install libgdcm-tools');
    const unclamped = (await decode(raw)).stored;

    expect(stored.every((value, at) => value === Math.min(4095, unclamped[at] ?? -1))).toBe(true);
    expect(unclamped.some((value) => value > 4095)).toBe(true);
    return undefined;
  });
});

describe('transcoded by us, decoded by GDCM', () => {
  const sources = ['mf-mr-enhanced-be', 'px-jls-15bit-signed', 'route-pet-ac-1'];
  // GDCM 3.0.21 does not know HTJ2K
  const cases = sources.flatMap((source) =>
    transcodingTargets
      .filter((uid) => uid !== htj2kLosslessUid)
      .map((uid) => ({ source, uid, name: findTransferSyntax(uid)?.name ?? uid })),
  );

  test.for(cases)('$source as $name', async ({ source, uid }, context) => {
    if (!gdcmconv) return context.skip('no gdcmconv: install libgdcm-tools');
    const bytes = findZooFile(`${source}.dcm`) ?? Buffer.alloc(0);
    const { ranges, transferSyntaxUid } = await transcode(parsePart10(bytes), uid, codecs);
    const sopClassUid = '1.2.840.10008.5.1.4.1.1.4';
    const meta = encodeFileMeta({ sopClassUid, sopInstanceUid: '1.2.3', transferSyntaxUid });

    const raw = await rawByGdcm(`${source}-${uid}`, Buffer.concat([meta, joinRanges(ranges)]));

    expect(raw && storedBytes(await decode(raw)).equals(storedBytes(await decode(bytes)))).toBe(true);
    return undefined;
  });
});
