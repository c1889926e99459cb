import { type DataSet, walkDataSet } from '../../src/dicom/data-set.ts';
import { encodeElement, encodeItem } from '../../src/dicom/element-encoder.ts';
import { tagOfKeyword, vrOfTag } from '../../src/dicom/tags.ts';
import { explicitLittle } from '../../src/dicom/transfer-syntax.ts';
import { encodeNumbers } from '../../src/dicom/value-encoder.ts';

type Scalar = string | number;

/** Elements by keyword; `undefined` leaves one out, a list of objects is a sequence. */
export interface Elements {
  readonly [keyword: string]: Scalar | readonly Scalar[] | readonly Elements[] | Buffer | undefined;
}

/** A private element, written as it is given. */
export interface PrivateElement {
  readonly tag: number;
  readonly vr: string;
  readonly value: Buffer;
}

/** A data set in explicit VR little endian, elements in the order of their tags. */
export function dataSetOf(elements: Elements, privates: readonly PrivateElement[] = []): DataSet {
  return walkDataSet(bytesOf(elements, privates), explicitLittle);
}

function bytesOf(elements: Elements, privates: readonly PrivateElement[] = []): Buffer {
  const known = Object.entries(elements).flatMap(([keyword, value]) => {
    if (value === undefined) return [];
    const tag = tagOfKeyword(keyword);
    const vr = vrOfTag(tag);
    return [{ tag, vr, value: valueOf(vr, value) }];
  });
  const all = [...known, ...privates].toSorted((a, b) => a.tag - b.tag);
  return Buffer.concat(all.flatMap(({ tag, vr, value }) => encodeElement(tag, vr, [value], explicitLittle)));
}

function valueOf(vr: string, value: NonNullable<Elements[string]>): Buffer {
  if (Buffer.isBuffer(value)) return value;
  const list: readonly (Scalar | Elements)[] = Array.isArray(value) ? value : [value];
  if (vr === 'SQ')
    return Buffer.concat(list.filter(isElements).flatMap((item) => encodeItem([bytesOf(item)], explicitLittle)));
  const scalars = list.filter((item) => !isElements(item));
  if (['US', 'SS', 'UL', 'SL', 'FL', 'FD', 'AT'].includes(vr)) return encodeNumbers(vr, scalars.map(Number));
  return Buffer.from(scalars.map(String).join('\\'), 'latin1');
}

function isElements(value: Scalar | Elements): value is Elements {
  return typeof value === 'object';
}
