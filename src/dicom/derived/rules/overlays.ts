import { type DataSet, findElement } from '../../data-set.ts';
import { readNumber } from '../../element-values.ts';
import { groupOfTag } from '../../tags.ts';

const bitPosition = 0x0102;
const roiStatistics = [0x1302, 0x1303];
const overlayData = 0x3000;

/**
 * Tags of overlays (60xx) that a derived object must not keep: whole groups whose bits lived in Pixel Data, and the
 * statistics of a region under an overlay. derived-objects.md 2.7.
 */
export function droppedOverlayTags(dataSet: DataSet): readonly number[] {
  const overlays = dataSet.elements.map((element) => element.tag).filter((tag) => isOverlayGroup(groupOfTag(tag)));
  const inPixels = new Set([...new Set(overlays.map(groupOfTag))].filter((group) => livesInPixelData(dataSet, group)));
  return overlays.filter((tag) => inPixels.has(groupOfTag(tag)) || roiStatistics.includes(tag & 0xffff));
}

/** Even groups 6000 to 60FE (PS3.5 7.6). */
function isOverlayGroup(group: number): boolean {
  return (group & 0xff01) === 0x6000;
}

function livesInPixelData(dataSet: DataSet, group: number): boolean {
  const tagOf = (element: number) => group * 0x10000 + element;
  const position = readNumber(dataSet, tagOf(bitPosition)) ?? 0;
  return position !== 0 || findElement(dataSet, tagOf(overlayData)) === undefined;
}
