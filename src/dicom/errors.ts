/** Every way in which DICOM bytes can disappoint us; `docs/reference/errors.md` is generated from this table. */
export const dicomErrors = {
  DICOM_BAD_UID: 'not a UID of PS3.5 9.1: digits and dots, at most 64 characters',
  DICOM_BAD_AE_TITLE: 'not an AE title: 1 to 16 printable characters without backslash, not all spaces',
  DICOM_UNKNOWN_KEYWORD: 'not a keyword of the data dictionary: check its spelling in PS3.6',
  DICOM_NOT_DICOM: 'no file meta information and no readable first element: not a DICOM file',
  DICOM_INFLATE_FAILED: 'the deflated data set cannot be inflated, or is larger than the limit',
  DICOM_DATA_SET_FAULTY:
    'the data set ends early, is nested too deeply or has a part that cannot be read: keep it as it is',
  DICOM_BAD_VALUE:
    'a value that its VR does not allow: too long, of odd size or with a character that may not stand there',
  DICOM_NOT_ENCODABLE: 'an element that cannot be written in this encoding: its length needs more bytes than there are',
  DICOM_NO_PIXELS: 'no pixel data, or no rows, columns or bits that say what they are',
  DICOM_PIXELS_UNSUPPORTED:
    'pixels of a kind that is not restored: colour, floating point, or not 8 or 16 bits allocated',
  DICOM_PIXELS_SHORT: 'fewer pixels than rows, columns and frames ask for',
  DICOM_PIXELS_TOO_MANY: 'more pixels than one object may have in memory: restore it in parts or raise the limit',
  DICOM_CODEC_UNSUPPORTED: 'no decoder or encoder for this transfer syntax',
  DICOM_CODEC_FAILED: 'a compressed frame cannot be decoded, or a frame not be encoded without loss',
  DICOM_NOT_DERIVABLE: 'no derived object can be written from this source: its class, size or structure forbids it',
  DICOM_DERIVED_INVALID: 'a derived object breaks a rule of its table and is not sent: this is a defect, report it',
  DICOM_CODESTREAM_DIFFERS: 'a compressed frame describes another image than the header does',
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
