import { describe, expect, test } from 'vitest';
import { walkDataSet } from '../data-set.ts';
import { encodeDelimiter, encodeHeader, encodeItem } from '../element-encoder.ts';
import { undefinedLength } from '../element-header.ts';
import { tags } from '../tags.ts';
import { explicitLittle } from '../transfer-syntax.ts';
import { splitFrames } from './fragments.ts';

function encapsulated(offsets: Buffer, fragments: readonly Buffer[]) {
  const bytes = Buffer.concat([
    encodeHeader(tags.PixelData, 'OB', undefinedLength, explicitLittle),
    ...[offsets, ...fragments].flatMap((fragment) => encodeItem([fragment], explicitLittle)),
    encodeDelimiter(tags.SequenceDelimitationItem, explicitLittle),
  ]);
  return walkDataSet(bytes, explicitLittle);
}

function table(...offsets: readonly number[]): Buffer {
  const bytes = Buffer.alloc(offsets.length * 4);
  for (const [index, offset] of offsets.entries()) bytes.writeUInt32LE(offset, index * 4);
  return bytes;
}

const start = Buffer.from('ffd8fff7', 'hex');
const more = Buffer.from('00112233', 'hex');
// A delimiter inside a fragment, as one of pydicom's files has it
const delimiter = Buffer.from('feffdde000000000', 'hex');

describe('splitFrames', () => {
  test.for([
    { name: 'all fragments of a single frame', offsets: [], fragments: [start, more, delimiter], frames: 1 },
    { name: 'one fragment per frame', offsets: [], fragments: [start, start], frames: 2 },
    { name: 'by the offset table', offsets: [0, 24], fragments: [more, more, more, more], frames: 2 },
    { name: 'by the start of a codestream, without a table', offsets: [], fragments: [start, more, start], frames: 2 },
    { name: 'by the start, when the table is wrong', offsets: [0, 5], fragments: [start, more, start], frames: 2 },
  ])('makes frames: $name', ({ offsets, fragments, frames }) => {
    const made = splitFrames(encapsulated(table(...offsets), fragments), frames);

    expect(made).toHaveLength(frames);
    expect(Buffer.concat([...made])).toEqual(Buffer.concat(fragments));
  });

  test.for([
    { name: 'none', fragments: [], frames: 1 },
    { name: 'too few', fragments: [start], frames: 2 },
    { name: 'more frames than stated', fragments: [start, start, start], frames: 2 },
  ])('refuses when there are $name', ({ fragments, frames }) => {
    expect(() => splitFrames(encapsulated(table(), fragments), frames)).toThrow(
      expect.objectContaining({ code: 'DICOM_PIXELS_SHORT' }),
    );
  });
});
