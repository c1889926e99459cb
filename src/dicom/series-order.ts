import { dot, normalOf, type SlicePlane } from './slice-plane.ts';

/** What ordering needs of a slice: an instance, or a frame of one. */
export interface Slice {
  readonly plane: SlicePlane | undefined;
  readonly instanceNumber: number | undefined;
  /** Makes the order the same whatever order the slices came in: SOP Instance UID, with the frame's number. */
  readonly id: string;
}

/** A series in the order of space. */
export interface SeriesOrder<S extends Slice> {
  /** By position along the normal, then Instance Number, then id; slices without a plane come last. */
  readonly slices: readonly S[];
  /** Position of each slice along one normal, mm; NaN without a plane. */
  readonly positionsMm: readonly number[];
  /** Median distance of neighbouring positions, mm; `undefined` below two positions. */
  readonly spacingMm: number | undefined;
  /** How many different positions there are. */
  readonly positions: number;
  /** How many slices of that spacing are missing between those that are there. */
  readonly missing: number;
  /** All distances but the gaps are the spacing, within 1 %. */
  readonly even: boolean;
  /** Slices that share a position, within 1 % of the spacing. */
  readonly doubles: readonly (readonly S[])[];
  /** All planes point the same way, within 1°. */
  readonly parallel: boolean;
}

const evenness = 0.01;
/** Positions are decimals of two digits in many headers: a difference below this says nothing. */
const roundingMm = 0.011;
const parallelCosine = Math.cos(Math.PI / 180);

/** Sorts slices along the normal of their planes and says how complete the row is. derived-objects.md 5.1 E6. */
export function orderSlices<S extends Slice>(unordered: readonly S[]): SeriesOrder<S> {
  const reference = referencePlane(unordered);
  const normal = reference && normalOf(reference);
  const placed = unordered
    .map((slice) => ({ slice, at: normal && slice.plane ? dot(normal, slice.plane.positionMm) : Number.NaN }))
    .toSorted(compare);
  const clusters = clusterByPosition(placed.filter(({ at }) => !Number.isNaN(at)));
  const distances = clusters.slice(1).map(({ at }, index) => at - (clusters[index]?.at ?? at));
  const spacingMm = median(distances);
  return {
    slices: placed.map(({ slice }) => slice),
    positionsMm: placed.map(({ at }) => at),
    spacingMm,
    positions: clusters.length,
    ...judgeDistances(distances, spacingMm),
    doubles: clusters.filter(({ slices }) => slices.length > 1).map(({ slices }) => slices),
    parallel: unordered.every(({ plane }) => isParallel(plane, reference)),
  };
}

/** Whether positions alone say that the series is whole: three or more, evenly spaced, none missing, none twice (E6). */
export function isCompleteByPosition({
  slices,
  positions,
  even,
  missing,
  doubles,
  parallel,
}: SeriesOrder<Slice>): boolean {
  const regular = even && parallel && missing === 0 && doubles.length === 0;
  return regular && positions >= 3 && positions === slices.length;
}

interface Placed<S> {
  readonly slice: S;
  readonly at: number;
}

function compare(a: Placed<Slice>, b: Placed<Slice>): number {
  if (Number.isNaN(a.at) !== Number.isNaN(b.at)) return Number.isNaN(a.at) ? 1 : -1;
  if (!Number.isNaN(a.at) && a.at !== b.at) return a.at - b.at;
  const byNumber = (a.slice.instanceNumber ?? Infinity) - (b.slice.instanceNumber ?? Infinity);
  if (byNumber !== 0 && !Number.isNaN(byNumber)) return byNumber;
  return a.slice.id < b.slice.id ? -1 : 1;
}

/** Neighbours closer than 1 % of the usual distance are at one position. */
function clusterByPosition<S>(placed: readonly Placed<S>[]): readonly { readonly at: number; readonly slices: S[] }[] {
  const steps = placed.slice(1).map(({ at }, index) => at - (placed[index]?.at ?? at));
  const usual = median(steps.filter((step) => step > roundingMm)) ?? 0;
  const tolerance = Math.max(evenness * usual, usual === 0 ? Infinity : 1e-4);
  const clusters: { readonly at: number; readonly slices: S[] }[] = [];
  for (const { slice, at } of placed) {
    const last = clusters.at(-1);
    if (last !== undefined && at - last.at <= tolerance) last.slices.push(slice);
    else clusters.push({ at, slices: [slice] });
  }
  return clusters;
}

function judgeDistances(
  distances: readonly number[],
  spacingMm: number | undefined,
): { readonly missing: number; readonly even: boolean } {
  if (spacingMm === undefined) return { missing: 0, even: true };
  const tolerance = Math.max(evenness * spacingMm, roundingMm);
  const isGap = (distance: number): boolean => distance > 1.5 * spacingMm;
  const missing = distances.filter(isGap).reduce((sum, gap) => sum + Math.round(gap / spacingMm) - 1, 0);
  const even = distances.every((distance) => isGap(distance) || Math.abs(distance - spacingMm) <= tolerance);
  return { missing, even };
}

/** That of the first id, so that planes which differ give one order too. */
function referencePlane(slices: readonly Slice[]): SlicePlane | undefined {
  const withPlane = slices.filter(({ plane }) => plane !== undefined);
  return withPlane.reduce<Slice | undefined>(
    (first, slice) => (first && first.id < slice.id ? first : slice),
    undefined,
  )?.plane;
}

function isParallel(plane: SlicePlane | undefined, reference: SlicePlane | undefined): boolean {
  if (plane === undefined || reference === undefined) return plane === reference;
  return dot(normalOf(plane), normalOf(reference)) >= parallelCosine;
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
