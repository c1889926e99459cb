import type { ImageFamily, RestoredModality } from '../sop-classes.ts';

/** Our token in Image Type of classic objects: one of the four own-output tests (derived-objects.md 4). */
export const ownImageTypeToken = 'DIFFCODE';

/**
 * Image Type of a derived object (derived-objects.md 2.2): `DERIVED\PRIMARY` everywhere. Value 4 of CT belongs to
 * multi-energy images and stays empty; enhanced objects have exactly the values of the source, nothing appended.
 */
export function derivedImageType(
  modality: RestoredModality,
  family: ImageFamily,
  source: readonly string[],
): readonly string[] {
  if (family !== 'classic') return derivedFrameType(source);
  return [...derivedFrameType([]), ...furtherValues[modality](source.slice(2)), ownImageTypeToken];
}

/** Values 3 and later of classic objects: PS3.3 C.8.2.1.1.1, C.8.3.1.1.1, C.8.9.4.1.1. */
const furtherValues: Readonly<Record<RestoredModality, (source: readonly string[]) => readonly string[]>> = {
  CT: ([third, fourth, ...rest]) => [third || 'AXIAL', fourth ?? '', ...rest],
  MR: ([third, ...rest]) => [third || 'OTHER', ...rest],
  PT: (source) => source,
};

/** Frame Type of a derived frame: the source's with values 1 and 2 set (derived-objects.md 3.1). */
export function derivedFrameType(source: readonly string[]): readonly string[] {
  return ['DERIVED', 'PRIMARY', ...source.slice(2)];
}
