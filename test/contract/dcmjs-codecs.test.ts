import { readFileSync } from 'node:fs';
import dcmjsCodecs from 'dcmjs-codecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { openCodecs } from '../../src/dicom/codecs/codecs.ts';
import { splitFrames } from '../../src/dicom/codecs/fragments.ts';
import { parsePart10 } from '../../src/dicom/part10.ts';
import { decodePixels } from '../../src/dicom/pixels.ts';
import { runTool } from '../peers/run-tool.ts';

const native = dcmjsCodecs.NativeCodecs;

function contextOf(buffers: Partial<ConstructorParameters<typeof dcmjsCodecs.Context>[0]>) {
  const shape = { width: 4, height: 1, bitsAllocated: 16, bitsStored: 16, samplesPerPixel: 1, pixelRepresentation: 0 };
  return new dcmjsCodecs.Context({
    ...shape,
    planarConfiguration: 0,
    photometricInterpretation: 'MONOCHROME2',
    ...buffers,
  });
}

beforeEach(async () => {
  await openCodecs();
});

describe('dcmjs-codecs, as we lean on it', () => {
  test('is the version that was tested', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };

    expect([dcmjsCodecs.version, dependencies['dcmjs-codecs']]).toEqual(['0.0.8', '0.0.8']);
  });

  test('says nothing on stdout or stderr while it starts and decodes', async () => {
    const script = `
      import { readFileSync } from 'node:fs';
      const { openCodecs } = await import('./dist/dicom/codecs/codecs.js');
      const { parsePart10 } = await import('./dist/dicom/part10.js');
      const { decodePixels } = await import('./dist/dicom/pixels.js');
      const bytes = readFileSync('test/fixtures/zoo/ts-mr-j2k-lossless.dcm');
      await decodePixels(parsePart10(bytes), await openCodecs());`;

    expect(await runTool('node', ['--input-type=module', '-e', script])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });
});

// Each of these is a defect that we work around: when one of them fails, the library is mended and ours can go.
describe('dcmjs-codecs, as we work around it', () => {
  test('a short RLE frame is filled with zeros in silence, so RLE is decoded by us', () => {
    const frame = Buffer.alloc(70);
    frame.writeUInt32LE(2, 0);
    frame.writeUInt32LE(64, 4);
    frame.writeUInt32LE(67, 8);
    frame.set([1, 0, 0, 1, 7, 8], 64);

    const decoded = native.decodeRle(contextOf({ encodedBuffer: frame })).getDecodedBuffer();

    expect([...(decoded ?? [])]).toEqual([7, 0, 8, 0, 0, 0, 0, 0]);
  });

  test('signed bytes lose their sign in its JPEG 2000 encoder, so every frame is decoded again', () => {
    const bits = { width: 64, height: 64, bitsAllocated: 8, bitsStored: 8, pixelRepresentation: 1 };
    const encoded = native.encodeJpeg2000(contextOf({ ...bits, decodedBuffer: Buffer.alloc(4096, 0x80) }), {
      lossy: false,
    });

    const again = contextOf({ ...bits, encodedBuffer: encoded.getEncodedBuffer() ?? Buffer.alloc(0) });

    expect(native.decodeJpeg2000(again).getDecodedBuffer()?.[0]).not.toBe(0x80);
  });

  test('a damaged frame can break the decoding of the good ones after it, so the instance is renewed', async () => {
    const file = parsePart10(readFileSync('test/fixtures/zoo/ts-mr-j2k-lossless.dcm'));
    const [good] = splitFrames(file.dataSet, 1);
    if (good === undefined) throw new Error('the fixture has a frame');
    expect(damagedFrames(good).some((frame) => trapsOn(frame))).toBe(true);

    expect(trapsOn(good)).toBe(true);
    expect((await decodePixels(file, await openCodecs())).stored).toHaveLength(4096);
  });
});

/** The same damage every time: each 61st byte behind the main header, another phase per frame. */
function damagedFrames(good: Buffer): readonly Buffer[] {
  return Array.from({ length: 40 }, (_, phase) => {
    const damaged = Buffer.from(good);
    for (let at = 110 + phase; at < damaged.length; at += 61) damaged[at] = (at * 31 + phase) % 256;
    return damaged;
  });
}

/** Whether WebAssembly itself gives up, as it does when its memory was written over. */
function trapsOn(frame: Buffer): boolean {
  try {
    native.decodeJpeg2000(contextOf({ width: 64, height: 64, pixelRepresentation: 1, encodedBuffer: frame }));
    return false;
  } catch (error) {
    return error instanceof Error && error.name === 'RuntimeError';
  }
}
