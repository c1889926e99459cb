import { describe, expect, test } from 'vitest';
import { walkDataSet } from '../../data-set.ts';
import { explicitLittle } from '../../transfer-syntax.ts';
import { droppedPrivateElements, droppedPrivateTags } from './private-elements.ts';

/** One explicit little endian element of a short VR. */
function element(tag: number, vr: string, text: string): Buffer {
  const value = Buffer.from(text.length % 2 === 0 ? text : `${text} `, 'latin1');
  const header = Buffer.alloc(8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.write(vr, 4, 'latin1');
  header.writeUInt16LE(value.length, 6);
  return Buffer.concat([header, value]);
}

const droppedOf = (...elements: Buffer[]) => droppedPrivateTags(walkDataSet(Buffer.concat(elements), explicitLittle));

describe('private elements that depend on the pixels', () => {
  const cases = droppedPrivateElements.flatMap((rule) =>
    rule.elements.map((low) => ({ creator: rule.creator, group: rule.group, low })),
  );

  test.for(cases)('$creator: element $low of its block goes, the creator stays', ({ creator, group, low }) => {
    const creatorTag = group * 0x10000 + 0x11;
    const dropped = group * 0x10000 + 0x1100 + low;
    const neighbour = dropped + 1 + 0x40;

    const tags = droppedOf(
      element(creatorTag, 'LO', creator),
      element(dropped, 'ST', 'x'),
      element(neighbour, 'ST', 'x'),
    );

    expect(tags).toEqual([dropped]);
  });

  test('the same element of another creator stays', () => {
    expect(droppedOf(element(0x00430010, 'LO', 'SOMEBODY ELSE'), element(0x00431029, 'ST', 'x'))).toEqual([]);
  });

  test('the same element of an unreserved block stays', () => {
    expect(droppedOf(element(0x00430010, 'LO', 'GEMS_PARM_01'), element(0x00431129, 'ST', 'x'))).toEqual([]);
  });

  test.for([0x7fdf, 0x7fe1, 0x7fe3])('group %i goes whole', (group) => {
    const creator = group * 0x10000 + 0x10;
    const pixels = group * 0x10000 + 0x1010;

    expect(droppedOf(element(creator, 'LO', 'ANYBODY'), element(pixels, 'ST', 'x'))).toEqual([creator, pixels]);
  });

  test('the PET factors of Philips stay: they turn the rescaled value into SUV and Bq/ml', () => {
    const factors = [
      element(0x70530010, 'LO', 'Philips PET Private Group'),
      element(0x70531000, 'DS', '1.5'),
      element(0x70531009, 'DS', '2.5'),
    ];

    expect(droppedOf(...factors)).toEqual([]);
  });
});
