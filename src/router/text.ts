import type { DataSet } from '../dicom/data-set.ts';
import { readStrings } from '../dicom/element-values.ts';
import { tagOfKeyword } from '../dicom/tags.ts';

/** Character sets of one byte a letter, and UTF-8 (PS3.3 C.12.1.1.2), by the names that TextDecoder has for them. */
const encodings: Readonly<Record<string, string>> = {
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
};

const characterSet = tagOfKeyword('SpecificCharacterSet');
const ascii = /^[\x20-\x7e]*$/;

/** How to read the texts of a data set, so that a rule may say `Schädel`. Escape sequences of ISO 2022 stay as bytes. */
export function textReaderOf(dataSet: DataSet): (latin1: string) => string {
  const sets = readStrings(dataSet, characterSet);
  const encoding = sets.length === 1 ? encodings[sets[0] ?? ''] : undefined;
  if (encoding === undefined) return (latin1) => latin1;
  const decoder = new TextDecoder(encoding);
  return (latin1) => (ascii.test(latin1) ? latin1 : decoder.decode(Buffer.from(latin1, 'latin1')));
}
