import { type DataSet, type Element, valueBytes } from './data-set.ts';
import { groupOfTag, isPrivateTag } from './tags.ts';

/** A private element as its owner documents it (PS3.5 7.8.1). */
export interface PrivateAddress {
  readonly creator: string;
  readonly group: number;
  /** Last two digits of the element; the first two are the block that the creator took. */
  readonly element: number;
}

/** The first number of a private element, whatever VR it came with; `undefined` when absent or no number. */
export function readPrivateNumber(dataSet: DataSet, address: PrivateAddress): number | undefined {
  const element = findPrivateElement(dataSet, address);
  if (element === undefined || element.lengthBytes === 0) return undefined;
  const bytes = valueBytes(dataSet, element);
  const number = isShort(element) ? readShort(bytes, dataSet) : Number(bytes.toString('latin1').split('\\')[0]);
  return Number.isFinite(number) ? number : undefined;
}

/** The private element of that creator, `undefined` when absent. */
function findPrivateElement(dataSet: DataSet, { creator, group, element }: PrivateAddress): Element | undefined {
  const blocks = dataSet.elements.filter(
    (candidate) => isCreator(candidate, group) && textOf(dataSet, candidate) === creator,
  );
  const wanted = blocks.map(({ tag }) => group * 0x10000 + (tag & 0xff) * 0x100 + element);
  return dataSet.elements.find(({ tag }) => wanted.includes(tag));
}

function isCreator({ tag }: Element, group: number): boolean {
  const block = tag & 0xffff;
  return isPrivateTag(tag) && groupOfTag(tag) === group && block >= 0x10 && block <= 0xff;
}

function textOf(dataSet: DataSet, element: Element): string {
  return valueBytes(dataSet, element)
    .toString('latin1')
    .replace(/[\0 ]+$/, '');
}

/** Two bytes that came as UN are a short number: no text of a number is that short and unpadded in practice. */
function isShort({ vr, lengthBytes }: Element): boolean {
  return vr === 'SS' || vr === 'US' || (vr === 'UN' && lengthBytes === 2);
}

function readShort(bytes: Buffer, { encoding }: DataSet): number {
  if (bytes.length < 2) return Number.NaN;
  return encoding.littleEndian ? bytes.readInt16LE(0) : bytes.readInt16BE(0);
}
