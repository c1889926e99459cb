import type { DataSet } from './data-set.ts';
import { readItems, readNumbers } from './element-values.ts';
import { tagOfKeyword, tags } from './tags.ts';

export type Vector = readonly [number, number, number];

/** Where a slice lies in the patient (PS3.3 C.7.6.2). */
export interface SlicePlane {
  /** Directions of increasing column and row index, as stated: about unit length. */
  readonly row: Vector;
  readonly column: Vector;
  /** Centre of the first voxel, mm. */
  readonly positionMm: Vector;
}

const planePositionSequence = tagOfKeyword('PlanePositionSequence');
const planeOrientationSequence = tagOfKeyword('PlaneOrientationSequence');

/** The plane of a classic instance, `undefined` when position or orientation is missing or no number. */
export function readSlicePlane(dataSet: DataSet): SlicePlane | undefined {
  return toPlane(dataSet, dataSet);
}

/** The planes of a multi-frame instance, per frame; orientation or position may be shared (C.7.6.16.2.3, -4). */
export function readFramePlanes(dataSet: DataSet): readonly (SlicePlane | undefined)[] {
  const shared = readItems(dataSet, tags.SharedFunctionalGroupsSequence)[0];
  return readItems(dataSet, tags.PerFrameFunctionalGroupsSequence).map((frame) =>
    toPlane(
      functionalGroup(planePositionSequence, frame, shared),
      functionalGroup(planeOrientationSequence, frame, shared),
    ),
  );
}

/** The unit vector perpendicular to a plane, row × column. */
export function normalOf({ row, column }: SlicePlane): Vector {
  const cross: Vector = [
    row[1] * column[2] - row[2] * column[1],
    row[2] * column[0] - row[0] * column[2],
    row[0] * column[1] - row[1] * column[0],
  ];
  const length = Math.hypot(...cross);
  return [cross[0] / length, cross[1] / length, cross[2] / length];
}

/** Inner product. */
export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function functionalGroup(tag: number, frame: DataSet, shared: DataSet | undefined): DataSet | undefined {
  return readItems(frame, tag)[0] ?? (shared && readItems(shared, tag)[0]);
}

function toPlane(position: DataSet | undefined, orientation: DataSet | undefined): SlicePlane | undefined {
  if (position === undefined || orientation === undefined) return undefined;
  const cosines = readNumbers(orientation, tags.ImageOrientationPatient);
  const row = toVector(cosines.slice(0, 3));
  const column = toVector(cosines.slice(3, 6));
  const positionMm = toVector(readNumbers(position, tags.ImagePositionPatient));
  if (row === undefined || column === undefined || positionMm === undefined) return undefined;
  const plane = { row, column, positionMm };
  return normalOf(plane).every(Number.isFinite) ? plane : undefined;
}

function toVector([x, y, z]: readonly number[]): Vector | undefined {
  if (x === undefined || y === undefined || z === undefined) return undefined;
  return [x, y, z].every(Number.isFinite) ? [x, y, z] : undefined;
}
