import { crc32, deflateSync } from 'node:zlib';

/** A picture of grey values 0 to 255, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly grey: Uint8Array;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A PNG file of 8-bit grey, without filters or interlace (ISO/IEC 15948). */
export function encodePng({ width, height, grey }: Picture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  const rows = Buffer.alloc(height * (width + 1));
  for (let row = 0; row < height; row++) {
    rows.set(grey.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length, 0);
  typed.copy(framed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}

/** Values shown in a window: `low` is black, `high` is white. */
export function windowed(
  values: ArrayLike<number>,
  size: { readonly width: number; readonly height: number },
  range: { readonly low: number; readonly high: number },
): Picture {
  const grey = new Uint8Array(size.width * size.height);
  const scale = 255 / Math.max(range.high - range.low, Number.EPSILON);
  for (let at = 0; at < grey.length; at++) {
    grey[at] = Math.min(255, Math.max(0, Math.round(((values[at] ?? 0) - range.low) * scale)));
  }
  return { ...size, grey };
}

/** Pictures of one height in a row, four white pixels apart. */
export function sideBySide(pictures: readonly Picture[]): Picture {
  const gap = 4;
  const height = Math.max(0, ...pictures.map((picture) => picture.height));
  const width = pictures.reduce((sum, picture) => sum + picture.width + gap, -gap);
  const grey = new Uint8Array(width * height).fill(255);
  let left = 0;
  for (const picture of pictures) {
    for (let row = 0; row < picture.height; row++) {
      grey.set(picture.grey.subarray(row * picture.width, (row + 1) * picture.width), row * width + left);
    }
    left += picture.width + gap;
  }
  return { width, height, grey };
}
