import { readFileSync } from 'node:fs';
import type { DataSet } from '../../src/dicom/data-set.ts';
import { type Edit, joinRanges, splice } from '../../src/dicom/element-splicer.ts';
import { readString } from '../../src/dicom/element-values.ts';
import { encodeFileMeta, parsePart10 } from '../../src/dicom/part10.ts';
import { tags } from '../../src/dicom/tags.ts';

/** A file with some elements changed; its meta says what the data set says. */
export function changedFile(path: string, edit: (dataSet: DataSet) => readonly Edit[]): Buffer {
  const { dataSet, transferSyntaxUid } = parsePart10(readFileSync(path));
  const edits = edit(dataSet);
  const renamed = edits.find(({ tag }) => tag === tags.SopInstanceUid);
  const sopInstanceUid =
    renamed !== undefined && 'value' in renamed
      ? renamed.value.toString('latin1')
      : (readString(dataSet, tags.SopInstanceUid) ?? '');
  const sopClassUid = readString(dataSet, tags.SopClassUid) ?? '';
  return joinRanges([encodeFileMeta({ sopClassUid, sopInstanceUid, transferSyntaxUid }), ...splice(dataSet, edits)]);
}
