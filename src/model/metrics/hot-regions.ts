/** A PET series as one block; slices in the order of their positions. */
export interface Volume {
  readonly rows: number;
  readonly columns: number;
  readonly slices: readonly (Float64Array | Float32Array)[];
  readonly pixelMm: number;
  readonly sliceMm: number;
}

/** One place of high uptake. */
export interface HotRegion {
  /** slice · rows · columns + index in the slice. */
  readonly voxels: readonly number[];
  readonly suvMax: number;
  readonly suvMean: number;
}

const smallestSuvMax = 3;
const shareOfMax = 0.41;
const smallestMl = 1;
const largestMl = 100;

/**
 * Components of at least 41 % of a local maximum of 3 SUV or more, between 1 and 100 ml (model-spec.md 4.2). The
 * hottest come first; a voxel belongs to one region at most.
 */
export function findHotRegions(volume: Volume): readonly HotRegion[] {
  const size = volume.rows * volume.columns;
  const taken = new Uint8Array(volume.slices.length * size);
  const regions: HotRegion[] = [];
  for (const peak of peaks(volume)) {
    if (taken[peak] === 1 || !isLocalMaximum(volume, peak)) continue;
    const suvMax = valueAt(volume, peak);
    const voxels = grow(volume, peak, shareOfMax * suvMax, taken);
    const volumeMl = (voxels.length * volume.pixelMm ** 2 * volume.sliceMm) / 1000;
    if (volumeMl < smallestMl || volumeMl > largestMl) continue;
    regions.push({ voxels, suvMax, suvMean: meanIn(volume, voxels) });
  }
  return regions;
}

export function meanIn(volume: Volume, voxels: readonly number[]): number {
  return voxels.reduce((sum, voxel) => sum + valueAt(volume, voxel), 0) / voxels.length;
}

export function maxIn(volume: Volume, voxels: readonly number[]): number {
  return voxels.reduce((most, voxel) => Math.max(most, valueAt(volume, voxel)), Number.NEGATIVE_INFINITY);
}

function valueAt({ rows, columns, slices }: Volume, voxel: number): number {
  const size = rows * columns;
  return slices[Math.floor(voxel / size)]?.[voxel % size] ?? 0;
}

/** Voxels of 3 SUV or more, hottest first; equal ones in their order, so that the result is one. */
function peaks(volume: Volume): readonly number[] {
  const found: number[] = [];
  const size = volume.rows * volume.columns;
  for (const [z, slice] of volume.slices.entries()) {
    for (let i = 0; i < size; i++) if ((slice[i] ?? 0) >= smallestSuvMax) found.push(z * size + i);
  }
  return found.toSorted((a, b) => valueAt(volume, b) - valueAt(volume, a) || a - b);
}

/** Without this, the skirt of a hot region, warmer than 3 SUV, would count as a region of its own. */
function isLocalMaximum(volume: Volume, voxel: number): boolean {
  return faceNeighbours(volume, voxel).every((neighbour) => valueAt(volume, neighbour) <= valueAt(volume, voxel));
}

function faceNeighbours({ rows, columns, slices }: Volume, voxel: number): readonly number[] {
  const size = rows * columns;
  const x = voxel % columns;
  const y = Math.floor((voxel % size) / columns);
  const z = Math.floor(voxel / size);
  const neighbours: number[] = [];
  if (x > 0) neighbours.push(voxel - 1);
  if (x < columns - 1) neighbours.push(voxel + 1);
  if (y > 0) neighbours.push(voxel - columns);
  if (y < rows - 1) neighbours.push(voxel + columns);
  if (z > 0) neighbours.push(voxel - size);
  if (z < slices.length - 1) neighbours.push(voxel + size);
  return neighbours;
}

/** Face neighbours at or above the threshold that no hotter region has. */
function grow(volume: Volume, peak: number, threshold: number, taken: Uint8Array): readonly number[] {
  const voxels: number[] = [];
  const stack = [peak];
  taken[peak] = 1;
  const visit = (voxel: number): void => {
    if (taken[voxel] === 1 || valueAt(volume, voxel) < threshold) return;
    taken[voxel] = 1;
    stack.push(voxel);
  };
  for (let voxel = stack.pop(); voxel !== undefined; voxel = stack.pop()) {
    voxels.push(voxel);
    for (const neighbour of faceNeighbours(volume, voxel)) visit(neighbour);
  }
  return voxels;
}
