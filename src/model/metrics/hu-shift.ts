import type { Plane } from '../degrade/k-space.ts';
import { erode } from '../degrade/masks.ts';

/** Tissues of a CT by their HU. */
export const tissues = ['air', 'lung', 'fat', 'soft', 'bone'] as const;

export type Tissue = (typeof tissues)[number];

const ranges: Readonly<Record<Tissue, readonly [number, number]>> = {
  air: [Number.NEGATIVE_INFINITY, -900],
  lung: [-900, -500],
  fat: [-150, -50],
  soft: [0, 100],
  bone: [200, Number.POSITIVE_INFINITY],
};

/** Sums over the slices of a series, per tissue. */
export type HuShift = Readonly<Record<Tissue, { readonly sum: number; readonly voxels: number }>>;

/** Nothing measured yet. */
export function noHuShift(): HuShift {
  return combine(() => ({ sum: 0, voxels: 0 }));
}

/**
 * Adds one slice: result − reference in the tissues of `classes`, each eroded by one voxel (model-spec.md 4.2). For a
 * figure, `classes` is the reference; for the gate, the input without its noise.
 */
export function addHuShift(total: HuShift, classes: Plane, reference: Float64Array, result: Float64Array): HuShift {
  return combine((tissue) => {
    const [low, high] = ranges[tissue];
    const on = Uint8Array.from(classes.values, (hu) => (hu > low && hu < high ? 1 : 0));
    const inside = erode({ rows: classes.rows, columns: classes.columns, on }, 1).on;
    let { sum, voxels } = total[tissue];
    for (let i = 0; i < inside.length; i++) {
      if (inside[i] !== 1) continue;
      sum += (result[i] ?? 0) - (reference[i] ?? 0);
      voxels++;
    }
    return { sum, voxels };
  });
}

/** Mean shift of a tissue, HU; `undefined` where the series shows fewer than 500 voxels of it. */
export function meanShiftHu(shift: HuShift, tissue: Tissue): number | undefined {
  const { sum, voxels } = shift[tissue];
  return voxels < 500 ? undefined : sum / voxels;
}

function combine<T>(of: (tissue: Tissue) => T): Readonly<Record<Tissue, T>> {
  return { air: of('air'), lung: of('lung'), fat: of('fat'), soft: of('soft'), bone: of('bone') };
}
