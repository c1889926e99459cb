import { keywordOfTag, tagOfKeyword, tagText } from '../../dicom/tags.ts';

/** Reasons for which a series is not restored, in the order in which they are tested (derived-objects.md 4). */
// biome-ignore format: a list
export const refusalReasons = [
  'own-output', 'sop-class', 'no-image-type', 'no-pixels', 'color', 'bits', 'multi-frame', 'localizer', 'mixed-frames',
  'reformat', 'map', 'complex', 'mosaic', 'secondary', 'derived', 'multi-energy', 'pet-reprojection', 'pet-uncorrected',
  'pet-units', 'value-scale', 'burned-in', 'lossy', 'quality-control', 'for-processing', 'ambiguous-position',
  'mixed-series', 'too-small',
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** What decided: the element, what stands in it, and the test that it failed. Plain data. */
export interface Evidence {
  /** 0xggggeeee */
  readonly tag: number;
  readonly found: string;
  readonly because: string;
}

/** One reason against restoring, with its evidence. */
export interface Finding extends Evidence {
  readonly reason: RefusalReason;
}

/** Evidence from an element of PS3.6; values as they are joined in the object, or `absent`. */
export function evidence(keyword: string, found: readonly (string | number)[], because: string): Evidence {
  return { tag: tagOfKeyword(keyword), found: found.length === 0 ? 'absent' : found.join('\\'), because };
}

/** Evidence as `rules test` prints it: `ImageType (0008,0008) is ORIGINAL\PRIMARY\LOCALIZER: value 3 is LOCALIZER`. */
export function evidenceText({ tag, found, because }: Evidence): string {
  return `${keywordOfTag(tag) ?? 'private element'} ${tagText(tag)} is ${found}: ${because}`;
}
