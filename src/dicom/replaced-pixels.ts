import { deriveUid } from './derived/uid.ts';
import { type Edit, joinRanges, splice } from './element-splicer.ts';
import { readNumbers, readString, readStrings } from './element-values.ts';
import { encodeFileMeta, type Part10 } from './part10.ts';
import { tags } from './tags.ts';
import { explicitLittle, explicitLittleUid } from './transfer-syntax.ts';
import { parseUid, type SeriesInstanceUid, type SopInstanceUid } from './uid.ts';
import { encodeNumbers, encodeText } from './value-encoder.ts';

/** New stored values of a single-frame object; the matrix may have shrunk. */
export interface ReplacedPixels {
  readonly stored: Int16Array | Uint16Array;
  readonly rows: number;
  readonly columns: number;
  readonly slope: number;
}

/**
 * A test object: another's header with other pixels, under test UIDs of its own, native and `DERIVED`. For
 * demonstrations and tests, never for what leaves a node (that is `deriveInstance`). `purpose` names it.
 */
export function withReplacedPixels({ dataSet }: Part10, pixels: ReplacedPixels, purpose: string): Buffer {
  const sopInstanceUid = deriveUid<SopInstanceUid>('test', purpose, readString(dataSet, tags.SopInstanceUid) ?? '');
  const series = deriveUid<SeriesInstanceUid>('test', purpose, readString(dataSet, tags.SeriesInstanceUid) ?? '');
  const [, ...kinds] = readStrings(dataSet, tags.ImageType);
  const edits: Edit[] = [
    {
      tag: tags.ImageType,
      vr: 'CS',
      value: encodeText('CS', ['DERIVED', ...(kinds.length > 0 ? kinds : ['PRIMARY'])]),
    },
    { tag: tags.SopInstanceUid, vr: 'UI', value: encodeText('UI', sopInstanceUid) },
    { tag: tags.SeriesInstanceUid, vr: 'UI', value: encodeText('UI', series) },
    { tag: tags.SeriesDescription, vr: 'LO', value: encodeText('LO', `TEST ${purpose}`) },
    {
      tag: tags.PixelData,
      vr: 'OW',
      value: Buffer.from(pixels.stored.buffer, pixels.stored.byteOffset, pixels.stored.byteLength),
    },
    ...matrixEdits(dataSet, pixels),
    ...(readString(dataSet, tags.RescaleSlope) === undefined
      ? []
      : [{ tag: tags.RescaleSlope, vr: 'DS', value: encodeText('DS', slopeText(pixels.slope)) }]),
  ];
  const meta = encodeFileMeta({
    sopClassUid: parseUid(readString(dataSet, tags.SopClassUid) ?? ''),
    sopInstanceUid,
    transferSyntaxUid: explicitLittleUid,
  });
  return joinRanges([meta, ...splice(dataSet, edits, { target: explicitLittle })]);
}

/** A smaller matrix over the same field of view has larger pixels. */
function matrixEdits(dataSet: Part10['dataSet'], { rows, columns }: ReplacedPixels): readonly Edit[] {
  const [oldRows = rows] = readNumbers(dataSet, tags.Rows);
  const [oldColumns = columns] = readNumbers(dataSet, tags.Columns);
  if (oldRows === rows && oldColumns === columns) return [];
  const [down = 1, across = 1] = readNumbers(dataSet, tags.PixelSpacing);
  const spacing = [(down * oldRows) / rows, (across * oldColumns) / columns].map((mm) =>
    String(Number(mm.toPrecision(8))),
  );
  return [
    { tag: tags.Rows, vr: 'US', value: encodeNumbers('US', rows) },
    { tag: tags.Columns, vr: 'US', value: encodeNumbers('US', columns) },
    { tag: tags.PixelSpacing, vr: 'DS', value: encodeText('DS', spacing) },
  ];
}

/** A DS of at most 16 bytes; sixteen digits of a float slope are more than any scanner writes. */
function slopeText(slope: number): string {
  const text = String(slope);
  return text.length <= 16 ? text : String(Number(slope.toPrecision(10)));
}
