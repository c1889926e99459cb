import { DicomError } from './errors.ts';

declare const brand: unique symbol;
export type AeTitle = string & { readonly [brand]: 'AeTitle' };

const printable = /^[\x20-\x5b\x5d-\x7e]{1,16}$/;

function isAeTitle(text: string): text is AeTitle {
  return printable.test(text);
}

/**
 * The only maker of AE titles (PS3.5 6.2, AE). Leading and trailing spaces are not significant and go.
 * @throws DicomError DICOM_BAD_AE_TITLE
 */
export function parseAeTitle(text: string): AeTitle {
  const trimmed = text.trim();
  if (!isAeTitle(trimmed)) throw new DicomError('DICOM_BAD_AE_TITLE', { length: trimmed.length });
  return trimmed;
}
