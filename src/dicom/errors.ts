/** Every way in which DICOM bytes can disappoint us; `docs/reference/errors.md` is generated from this table. */
export const dicomErrors = {
  DICOM_BAD_UID: 'not a UID of PS3.5 9.1: digits and dots, at most 64 characters',
  DICOM_BAD_AE_TITLE: 'not an AE title: 1 to 16 printable characters without backslash, not all spaces',
} as const;

export type DicomErrorCode = keyof typeof dicomErrors;

/** Bytes or values that are not what PS3.5 or PS3.10 ask for. Details hold tags, offsets and lengths, never values. */
export class DicomError extends Error {
  override readonly name = 'DicomError';
  readonly code: DicomErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: DicomErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    const numbers = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    super([`${code}: ${dicomErrors[code]}`, ...numbers].join(', '), options);
    this.code = code;
    this.details = details;
  }
}
