import { type DataSet, valueBytes } from '../../data-set.ts';
import { groupOfTag, isPrivateTag } from '../../tags.ts';
import { withoutPadding } from '../text.ts';

/** Vendor groups that hold pixel data or extremes of frames: dropped whole. derived-objects.md 2.7. */
export const droppedPrivateGroups: readonly number[] = [0x7fdf, 0x7fe1, 0x7fe3];

/** Private elements that hold a copy, a checksum or statistics of the source's pixels. */
export interface PrivateRule {
  readonly creator: string;
  readonly group: number;
  /** Last two digits of the element: the first two are the block that the creator reserved (PS3.5 7.8.1). */
  readonly elements: readonly number[];
  readonly why: string;
}

// biome-ignore format: one row per creator
export const droppedPrivateElements: readonly PrivateRule[] = [
  { creator: 'GEIIS', group: 0x0009, elements: [0x10], why: 'thumbnail' },
  { creator: 'GEMS_PARM_01', group: 0x0043, elements: [0x29], why: 'histogram' },
  { creator: 'GEMS_IDEN_01', group: 0x0009, elements: [0xe7], why: 'checksum' },
  { creator: 'GEMS_RELA_01', group: 0x0021, elements: [0x07, 0x19], why: 'checksums' },
  { creator: 'ELSCINT1', group: 0x07a1, elements: [0x0a], why: 'compressed pixels' },
  { creator: 'SCHICK TECHNOLOGIES - Image Security Creator ID', group: 0x0029, elements: [0x01], why: 'checksum' },
  { creator: 'SIEMENS MED SMS USG S2000', group: 0x0019, elements: [0x3c], why: 'thumbnail' },
  { creator: 'MAROTECH Inc.', group: 0x0037, elements: [0x21, 0x22, 0x23], why: 'icon' },
  { creator: 'VEPRO VIF 3.0 DATA', group: 0x0055, elements: [0x30, 0x65], why: 'icon and image hash' },
  { creator: 'VEPRO VIM 5.0 DATA', group: 0x0055, elements: [0x30, 0x65], why: 'icon and image hash' },
];

/** Tags of the private elements at the root of a data set that a derived object must not keep. */
export function droppedPrivateTags(dataSet: DataSet): readonly number[] {
  const creators = privateCreators(dataSet);
  return dataSet.elements.map((element) => element.tag).filter((tag) => isDropped(tag, creators));
}

function isDropped(tag: number, creators: ReadonlyMap<number, string>): boolean {
  if (!isPrivateTag(tag)) return false;
  const group = groupOfTag(tag);
  if (droppedPrivateGroups.includes(group)) return true;
  const creator = creators.get(tag >>> 8);
  const element = tag & 0xff;
  return droppedPrivateElements.some(
    (rule) => rule.creator === creator && rule.group === group && rule.elements.includes(element),
  );
}

/** Creators by block: the upper six digits of the tags that the block reserves. */
function privateCreators(dataSet: DataSet): ReadonlyMap<number, string> {
  const creators = new Map<number, string>();
  for (const element of dataSet.elements) {
    const block = element.tag & 0xffff;
    if (!isPrivateTag(element.tag) || block < 0x10 || block > 0xff) continue;
    const name = withoutPadding(valueBytes(dataSet, element)).toString('latin1');
    creators.set(groupOfTag(element.tag) * 0x100 + block, name.trimStart());
  }
  return creators;
}
