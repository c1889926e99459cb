import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCodestream } from './codestream.ts';

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');

// SOC, SIZ: Lsiz, Rsiz, Xsiz 5, Ysiz 4, XOsiz 1, YOsiz 0, tile, tile offset, Csiz 1, Ssiz: signed 13 bits, XR, YR
const siz = hex(`ff4f ff51 0029 0000 00000005 00000004 00000001 00000000 00000005 00000004 00000000 00000000
  0001 8c 01 01`);
// SOI, APP0 of 4 bytes, fill byte, SOF3: Lf, P 16, Y 4, X 5, Nf 1
const lossless = hex('ffd8 ffe0 0004 0000 ff ffc3 000b 10 0004 0005 01 011100 0000');
// SOI, SOF55 of JPEG-LS: P 12
const jpegLs = hex('ffd8 fff7 000b 0c 0004 0005 01 011100 0000');

describe('readCodestream', () => {
  test.for([
    { codec: 'jpeg-2000', frame: siz, precision: 13, signed: true, columns: 4 },
    { codec: 'htj2k', frame: siz, precision: 13, signed: true, columns: 4 },
    { codec: 'jpeg', frame: lossless, precision: 16, signed: undefined, columns: 5 },
    { codec: 'jpeg-ls', frame: jpegLs, precision: 12, signed: undefined, columns: 5 },
  ] as const)('reads size, precision and sign of $codec', ({ codec, frame, precision, signed, columns }) => {
    expect(readCodestream(codec, frame)).toEqual({ rows: 4, columns, components: 1, precision, signed });
  });

  test('any bytes give a header or none, in finite time', () => {
    const codec = fc.constantFrom('rle', 'jpeg', 'jpeg-ls', 'jpeg-2000', 'htj2k');
    const start = fc.constantFrom(siz, lossless, jpegLs, Buffer.alloc(0));
    fc.assert(
      fc.property(codec, start, fc.nat(60), fc.uint8Array({ maxLength: 80 }), (each, bytes, cut, tail) => {
        const header = readCodestream(each, Buffer.concat([bytes.subarray(0, cut), tail]));
        expect(header === undefined || Number.isFinite(header.rows)).toBe(true);
      }),
      { seed: 20_260_101 },
    );
  });
});
