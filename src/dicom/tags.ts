import dcmjs from 'dcmjs';
import { DicomError } from './errors.ts';

/** Tags that our code names, as 0xggggeeee. Others: `tagOfKeyword`. */
// biome-ignore format: one line per group, in the order of the data dictionary
export const tags = {
  FileMetaInformationGroupLength: 0x00020000, FileMetaInformationVersion: 0x00020001, MediaStorageSopClassUid: 0x00020002,
  MediaStorageSopInstanceUid: 0x00020003, TransferSyntaxUid: 0x00020010, ImplementationClassUid: 0x00020012,
  ImplementationVersionName: 0x00020013, SourceApplicationEntityTitle: 0x00020016,
  LengthToEnd: 0x00080001, SpecificCharacterSet: 0x00080005, ImageType: 0x00080008, InstanceCreationDate: 0x00080012,
  InstanceCreationTime: 0x00080013, SopClassUid: 0x00080016, SopInstanceUid: 0x00080018, Modality: 0x00080060,
  SeriesDescription: 0x0008103e,
  PatientName: 0x00100010, PatientId: 0x00100020,
  SliceThickness: 0x00180050, SpacingBetweenSlices: 0x00180088, PatientPosition: 0x00185100,
  StudyInstanceUid: 0x0020000d, SeriesInstanceUid: 0x0020000e, SeriesNumber: 0x00200011, AcquisitionNumber: 0x00200012,
  InstanceNumber: 0x00200013, ImagePositionPatient: 0x00200032, ImageOrientationPatient: 0x00200037,
  FrameOfReferenceUid: 0x00200052, TemporalPositionIdentifier: 0x00200100, NumberOfTemporalPositions: 0x00200105,
  ImagesInAcquisition: 0x00201002, InConcatenationTotalNumber: 0x00209163,
  SamplesPerPixel: 0x00280002, PhotometricInterpretation: 0x00280004, PlanarConfiguration: 0x00280006,
  NumberOfFrames: 0x00280008, Rows: 0x00280010, Columns: 0x00280011, PixelSpacing: 0x00280030, BitsAllocated: 0x00280100,
  BitsStored: 0x00280101, HighBit: 0x00280102, PixelRepresentation: 0x00280103, SmallestImagePixelValue: 0x00280106,
  LargestImagePixelValue: 0x00280107, PixelPaddingValue: 0x00280120, PixelPaddingRangeLimit: 0x00280121,
  RescaleIntercept: 0x00281052, RescaleSlope: 0x00281053, RescaleType: 0x00281054, LossyImageCompression: 0x00282110,
  MacParametersSequence: 0x4ffe0001,
  NumberOfSlices: 0x00540081, NumberOfTimeSlices: 0x00540101,
  SharedFunctionalGroupsSequence: 0x52009229, PerFrameFunctionalGroupsSequence: 0x52009230,
  ExtendedOffsetTable: 0x7fe00001, ExtendedOffsetTableLengths: 0x7fe00002, FloatPixelData: 0x7fe00008,
  DoubleFloatPixelData: 0x7fe00009, PixelData: 0x7fe00010,
  DigitalSignaturesSequence: 0xfffafffa, DataSetTrailingPadding: 0xfffcfffc,
  Item: 0xfffee000, ItemDelimitationItem: 0xfffee00d, SequenceDelimitationItem: 0xfffee0dd,
} as const;

/** Dictionary notations for elements whose VR depends on others, and what they are in implicit VR (PS3.5 A.1). */
const vrOfNotation: Readonly<Record<string, string>> = { ox: 'OW', lt: 'OW', up: 'UL', na: '' };

/** VR notation of (0028,0106) and its like: US, or SS when Pixel Representation is 1. */
export const signedOrUnsigned = 'xs';

const vrByTag = new Map<number, string>();
const keywordByTag = new Map<number, string>();
const tagByKeyword = new Map<string, number>();

for (const [name, entry] of Object.entries(dcmjs.data.DicomMetaDictionary.nameMap)) {
  const tag = Number.parseInt(entry.tag.slice(1, 5) + entry.tag.slice(6, 10), 16);
  const keyword = name.replace(/^RETIRED_/, '');
  vrByTag.set(tag, vrOfNotation[entry.vr] ?? entry.vr);
  keywordByTag.set(tag, keyword);
  tagByKeyword.set(keyword, tag);
}

/**
 * The tag of a keyword as PS3.6 spells it (`SliceThickness`, `SOPInstanceUID`).
 * @throws DicomError DICOM_UNKNOWN_KEYWORD
 */
export function tagOfKeyword(keyword: string): number {
  const tag = tagByKeyword.get(keyword);
  if (tag === undefined) throw new DicomError('DICOM_UNKNOWN_KEYWORD', { keyword });
  return tag;
}

/** Whether PS3.6 knows the keyword. */
export function isKeyword(keyword: string): boolean {
  return tagByKeyword.has(keyword);
}

/** Every keyword of PS3.6. */
export function allKeywords(): Iterable<string> {
  return tagByKeyword.keys();
}

/** The keyword of a tag, `undefined` for private and unknown ones. Repeating groups (50xx, 60xx) share theirs. */
export function keywordOfTag(tag: number): string | undefined {
  return keywordByTag.get(tag) ?? keywordByTag.get(firstOfRepeating(tag));
}

/** The VR in the dictionary; `UN` for unknown tags, `xs` where Pixel Representation decides between US and SS. */
export function vrNotationOfTag(tag: number): string {
  const element = tag & 0xffff;
  if (element === 0) return 'UL';
  if (isPrivateTag(tag)) return element >= 0x10 && element <= 0xff ? 'LO' : 'UN';
  return vrByTag.get(tag) ?? vrByTag.get(firstOfRepeating(tag)) ?? 'UN';
}

/** The VR of a tag; `UN` for unknown ones. `signedPixels`: Pixel Representation of the data set is 1. */
export function vrOfTag(tag: number, signedPixels = false): string {
  const vr = vrNotationOfTag(tag);
  if (vr !== signedOrUnsigned) return vr;
  return signedPixels ? 'SS' : 'US';
}

/** Whether the tag's group is odd (PS3.5 7.8). */
export function isPrivateTag(tag: number): boolean {
  return (tag & 0x10000) !== 0;
}

/** The group of a tag, 0 to 0xffff. */
export function groupOfTag(tag: number): number {
  return tag >>> 16;
}

/** `(0018,0050)`, for messages. */
export function tagText(tag: number): string {
  const digits = tag.toString(16).padStart(8, '0').toUpperCase();
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}

function firstOfRepeating(tag: number): number {
  const family = tag >>> 24;
  return family === 0x50 || family === 0x60 ? (tag & 0xff00ffff) >>> 0 : tag;
}
