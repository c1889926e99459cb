import { DicomError } from './errors.ts';
import { withoutPadding } from './padding.ts';

declare const brand: unique symbol;
type Uid<Kind extends string> = string & { readonly [brand]: Kind };

export type SopClassUid = Uid<'SopClassUid'>;
export type SopInstanceUid = Uid<'SopInstanceUid'>;
export type SeriesInstanceUid = Uid<'SeriesInstanceUid'>;
export type StudyInstanceUid = Uid<'StudyInstanceUid'>;
export type TransferSyntaxUid = Uid<'TransferSyntaxUid'>;
export type AnyUid = Uid<string>;

const wellFormed = /^[0-9]+(\.[0-9]+)*$/;

/** Whether text is a UID of PS3.5 9.1; leading zeros in a component are tolerated, as they are sent. */
export function isUid<U extends AnyUid>(text: string): text is U {
  return text.length <= 64 && wellFormed.test(text);
}

/**
 * The only maker of UIDs: call it where text enters (socket, file, YAML, SQL row). Trailing NUL and spaces go.
 * @throws DicomError DICOM_BAD_UID
 */
export function parseUid<U extends AnyUid>(text: string): U {
  const trimmed = withoutPadding(text);
  if (!isUid<U>(trimmed)) throw new DicomError('DICOM_BAD_UID', { length: trimmed.length });
  return trimmed;
}
