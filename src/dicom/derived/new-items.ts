import { type DataSet, findElement, valueBytes, walkDataSet } from '../data-set.ts';
import { encodeItem } from '../element-encoder.ts';
import { type Edit, type Item, joinRanges, splice } from '../element-splicer.ts';
import { readItems } from '../element-values.ts';
import { encodeText } from '../value-encoder.ts';
import type { Code } from './codes.ts';
import { derivedTags } from './derived-tags.ts';

/** Our own text as an edit: one value, or several. Checked against the VR. */
export function textEdit(tag: number, vr: string, values: string | readonly string[]): Edit {
  return { tag, vr, value: encodeText(vr, values) };
}

/** Code Value, Coding Scheme Designator, Code Meaning, no version (derived-objects.md 2.8). */
export function codeItem({ value, scheme, meaning }: Code): Item {
  return {
    edits: [
      textEdit(derivedTags.CodeValue, 'SH', value),
      textEdit(derivedTags.CodingSchemeDesignator, 'SH', scheme),
      textEdit(derivedTags.CodeMeaning, 'LO', meaning),
    ],
  };
}

/** Purpose of Reference Code Sequence (0040,A170) with one code. */
export function purposeEdit(code: Code): Edit {
  return { tag: derivedTags.PurposeOfReferenceCodeSequence, items: [codeItem(code)] };
}

/** The sequence of the source with one item more; its own items keep their bytes, lengths and delimiters included. */
export function appendItem(source: DataSet, tag: number, item: Item): Edit {
  const element = findElement(source, tag);
  if (element === undefined || element.lengthBytes === 0) return { tag, items: [item] };
  if (element.vr !== 'SQ') return { tag, items: [...readItems(source, tag).map(untouched), item] };
  return { tag, vr: 'SQ', value: Buffer.concat([valueBytes(source, element), ...encodedItem(source, item)]) };
}

function untouched(base: DataSet): Item {
  return { base, edits: [] };
}

function encodedItem({ encoding }: DataSet, { edits }: Item): readonly Buffer[] {
  const empty = walkDataSet(Buffer.alloc(0), encoding);
  return encodeItem([joinRanges(splice(empty, edits))], encoding);
}

/** Values of CS as they stand in the source beside ours: a vendor's lower case or length is not ours to refuse. */
export function codeStrings(values: readonly string[]): Buffer {
  return Buffer.from(values.join('\\'), 'latin1');
}
