import type { DataSet } from '../../dicom/data-set.ts';
import { readNumbers, readString, readStrings } from '../../dicom/element-values.ts';
import { tagOfKeyword } from '../../dicom/tags.ts';
import { groupItems, type Image } from './image.ts';

type Vector = readonly [number, number, number];

/** Directions of rows and columns in the patient (PS3.3 C.7.6.2.1.1). */
export interface Orientation {
  readonly row: Vector;
  readonly column: Vector;
}

interface PixelSpacing {
  readonly rows: number;
  readonly columns: number;
}

/** What the tests over a whole series need of one instance. */
export interface Geometry {
  /** Instance Number, by which messages name the instance; `?` when it has none. */
  readonly instanceNumber: string;
  readonly orientations: readonly Orientation[];
  /** Image Position (Patient), mm; classic objects only: frames of enhanced ones are told apart by their indices. */
  readonly position: Vector | undefined;
  /** Values that may tell two slices at one position apart, joined. */
  readonly distinction: string;
  /** Spacing between slices as stated, mm; 1 where nothing is. */
  readonly statedSpacingMm: number;
  readonly pixelSpacingsMm: readonly PixelSpacing[];
  /** Values that must be one in a series, by keyword. */
  readonly fixed: Readonly<Record<string, string>>;
}

/** What a series may not mix (derived-objects.md 4, `mixed-series`). */
const fixedKeywords = [
  'Rows',
  'Columns',
  'BitsAllocated',
  'BitsStored',
  'PixelRepresentation',
  'Modality',
  'FrameOfReferenceUID',
  'PhotometricInterpretation',
] as const;

/** What tells slices at one position apart: acquisition, echo, phase, trigger, b-value, bed, frame of a dynamic PET. */
const distinctions = [
  'AcquisitionNumber',
  'EchoNumbers',
  'EchoTime',
  'TemporalPositionIdentifier',
  'TriggerTime',
  'DiffusionBValue',
  'TablePosition',
  'FrameReferenceTime',
  'ActualFrameDuration',
] as const;

export function readGeometry(image: Image): Geometry {
  const { root } = image;
  const read = (keyword: string): string => readStrings(root, tagOfKeyword(keyword)).join('\\');
  return {
    instanceNumber: readString(root, tagOfKeyword('InstanceNumber')) ?? '?',
    orientations: [root, ...groupItems(image, 'PlaneOrientationSequence')].flatMap(orientationOf),
    position: vectorOf(readNumbers(root, tagOfKeyword('ImagePositionPatient'))),
    distinction: distinctions.map(read).join('|'),
    statedSpacingMm: statedSpacing(root),
    pixelSpacingsMm: [root, ...groupItems(image, 'PixelMeasuresSequence')].flatMap(pixelSpacingOf),
    fixed: Object.fromEntries(fixedKeywords.map((keyword) => [keyword, read(keyword)])),
  };
}

function statedSpacing(root: DataSet): number {
  const stated = ['SpacingBetweenSlices', 'SliceThickness'].map(
    (keyword) => readNumbers(root, tagOfKeyword(keyword))[0],
  );
  return stated.map((spacing) => Math.abs(spacing ?? 0)).find((spacing) => spacing > 0) ?? 1;
}

function pixelSpacingOf(place: DataSet): readonly PixelSpacing[] {
  const [rows, columns] = readNumbers(place, tagOfKeyword('PixelSpacing'));
  return rows !== undefined && columns !== undefined ? [{ rows, columns }] : [];
}

function orientationOf(place: DataSet): readonly Orientation[] {
  const cosines = readNumbers(place, tagOfKeyword('ImageOrientationPatient'));
  const row = vectorOf(cosines.slice(0, 3));
  const column = vectorOf(cosines.slice(3, 6));
  return row && column ? [{ row, column }] : [];
}

function vectorOf([x, y, z]: readonly number[]): Vector | undefined {
  if (x === undefined || y === undefined || z === undefined) return undefined;
  return [x, y, z].every(Number.isFinite) ? [x, y, z] : undefined;
}

/** Largest angle between two orientations, degrees. */
export function angleBetween(a: Orientation, b: Orientation): number {
  return Math.max(angle(a.row, b.row), angle(a.column, b.column));
}

function angle(a: Vector, b: Vector): number {
  const cosine = dot(a, b) / (Math.hypot(...a) * Math.hypot(...b));
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

/** Place of a point along the normal of an orientation, mm. */
export function alongNormal({ row, column }: Orientation, position: Vector): number {
  const [a, b, c] = row;
  const [x, y, z] = column;
  return dot([b * z - c * y, c * x - a * z, a * y - b * x], position);
}

function dot([a, b, c]: Vector, [x, y, z]: Vector): number {
  return a * x + b * y + c * z;
}
