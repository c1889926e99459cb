import { type DataSet, type Element, elementBytes, valueBytes, walkDataSet } from './data-set.ts';
import { encodeDelimiter, encodeHeader, swapValue, totalBytes } from './element-encoder.ts';
import { maxNesting, undefinedLength } from './element-header.ts';
import { DicomError } from './errors.ts';
import { type ItemRange, listItems } from './items.ts';
import { tags, tagText } from './tags.ts';
import type { Encoding } from './transfer-syntax.ts';

/** Whether two encodings write the same bytes. */
export function sameEncoding(a: Encoding, b: Encoding): boolean {
  return a.explicit === b.explicit && a.littleEndian === b.littleEndian;
}

/**
 * An element in another encoding: header, lengths and, where the byte order changes, values by VR; sequences inside
 * too, each keeping its form of length. UN and text are the same bytes. Views where nothing changes.
 * @throws DicomError DICOM_NOT_ENCODABLE for fragments in an implicit data set · DICOM_DATA_SET_FAULTY inside a sequence
 */
export function reencodeElement(dataSet: DataSet, element: Element, target: Encoding, depth = 0): readonly Buffer[] {
  if (sameEncoding(dataSet.encoding, target)) return [elementBytes(dataSet, element)];
  if (element.vr === 'SQ') return reencodeSequence(dataSet, element, target, depth);
  const value = valueBytes(dataSet, element);
  if (element.undefinedLength) return reencodeFragments(dataSet, element, target);
  const swapped = dataSet.encoding.littleEndian === target.littleEndian ? value : swapValue(element.vr, value);
  return [encodeHeader(element.tag, element.vr, swapped.length, target), swapped];
}

/** A UN of undefined length is the same in every encoding; fragments exist in explicit ones only (PS3.5 A.4). */
function reencodeFragments(dataSet: DataSet, element: Element, target: Encoding): readonly Buffer[] {
  const keepsItems = element.vr === 'UN' && element.tag !== tags.PixelData;
  if (!keepsItems) throw new DicomError('DICOM_NOT_ENCODABLE', { tag: tagText(element.tag), reason: 'encapsulated' });
  const header = encodeHeader(element.tag, element.vr, undefinedLength, target);
  return [header, dataSet.bytes.subarray(element.valueOffset, element.end)];
}

function reencodeSequence(dataSet: DataSet, element: Element, target: Encoding, depth: number): readonly Buffer[] {
  if (depth >= maxNesting)
    throw new DicomError('DICOM_DATA_SET_FAULTY', { tag: tagText(element.tag), fault: 'too-deep' });
  const content: Buffer[] = [];
  let covered = 0;
  for (const item of listItems(valueBytes(dataSet, element), dataSet.encoding)) {
    content.push(...reencodeItem(dataSet, item, target, depth + 1));
    covered = item.end;
  }
  if (covered !== element.lengthBytes) throw new DicomError('DICOM_DATA_SET_FAULTY', { tag: tagText(element.tag) });
  return element.undefinedLength
    ? [
        encodeHeader(element.tag, 'SQ', undefinedLength, target),
        ...content,
        encodeDelimiter(tags.SequenceDelimitationItem, target),
      ]
    : [encodeHeader(element.tag, 'SQ', totalBytes(content), target), ...content];
}

function reencodeItem(parent: DataSet, item: ItemRange, target: Encoding, depth: number): readonly Buffer[] {
  const dataSet = walkDataSet(item.value, parent.encoding, { signedPixels: parent.signedPixels });
  const content = reencodeElements(dataSet, target, depth);
  return item.undefinedLength
    ? [
        encodeHeader(tags.Item, '', undefinedLength, target),
        ...content,
        encodeDelimiter(tags.ItemDelimitationItem, target),
      ]
    : [encodeHeader(tags.Item, '', totalBytes(content), target), ...content];
}

/** All elements of an item in another encoding; group lengths, which would be wrong, go. */
function reencodeElements(dataSet: DataSet, target: Encoding, depth: number): readonly Buffer[] {
  if (dataSet.fault !== undefined) throw new DicomError('DICOM_DATA_SET_FAULTY', { fault: dataSet.fault });
  return dataSet.elements
    .filter((element) => (element.tag & 0xffff) !== 0)
    .flatMap((element) => reencodeElement(dataSet, element, target, depth));
}
