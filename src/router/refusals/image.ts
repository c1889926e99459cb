import type { DataSet } from '../../dicom/data-set.ts';
import { readItems, readNumber, readString, readStrings } from '../../dicom/element-values.ts';
import { findImageSopClass, type ImageSopClass, type RestoredModality } from '../../dicom/sop-classes.ts';
import { tagOfKeyword, tags } from '../../dicom/tags.ts';

/** One instance as the refusals look at it. */
export interface Image {
  readonly root: DataSet;
  /** `undefined`: a class that is never restored. */
  readonly sopClass: ImageSopClass | undefined;
  /** (0008,0008), upper case. */
  readonly imageType: readonly string[];
  readonly frames: number;
  /** Items of the shared and per-frame functional groups; none in classic objects. */
  readonly groups: readonly DataSet[];
  /** Bytes of the whole data set, where `root` holds only its beginning. */
  readonly dataSetBytes: number;
  /** The ledger knows the object as one of ours. */
  readonly isDerived: boolean;
}

export interface ImageOptions {
  readonly dataSetBytes: number;
  readonly isDerived: boolean;
}

export function openImage(root: DataSet, { dataSetBytes, isDerived }: ImageOptions): Image {
  return {
    root,
    sopClass: findImageSopClass(readString(root, tags.SopClassUid) ?? ''),
    imageType: readStrings(root, tags.ImageType).map((value) => value.toUpperCase()),
    frames: readNumber(root, tags.NumberOfFrames) ?? 1,
    groups: [
      ...readItems(root, tags.SharedFunctionalGroupsSequence),
      ...readItems(root, tags.PerFrameFunctionalGroupsSequence),
    ],
    dataSetBytes,
    isDerived,
  };
}

/** Whether the image is of that modality by its SOP class, which outweighs (0008,0060). */
export function isOf(image: Image, modality: RestoredModality): boolean {
  return image.sopClass?.modality === modality;
}

/** Values of an element at the root, upper case. */
export function rootValues(image: Image, keyword: string): readonly string[] {
  return readStrings(image.root, tagOfKeyword(keyword)).map((value) => value.toUpperCase());
}

/** Items of a functional group (PS3.3 C.7.6.16), the shared one and that of every frame. */
export function groupItems(image: Image, groupKeyword: string): readonly DataSet[] {
  const tag = tagOfKeyword(groupKeyword);
  return image.groups.flatMap((group) => readItems(group, tag));
}

/** Values of an element at the root and in functional groups, upper case, each once. */
export function valuesAnywhere(image: Image, keyword: string, groupKeywords: readonly string[]): readonly string[] {
  const tag = tagOfKeyword(keyword);
  const places = [image.root, ...groupKeywords.flatMap((group) => groupItems(image, group))];
  return [...new Set(places.flatMap((place) => readStrings(place, tag)).map((value) => value.toUpperCase()))];
}

/** The functional groups that carry Frame Type and what hangs on it, by modality. */
export const frameTypeGroups: readonly string[] = [
  'CTImageFrameTypeSequence',
  'MRImageFrameTypeSequence',
  'PETFrameTypeSequence',
];
