import { describe, expect, test } from 'vitest';
import { close, countOn, dilate, erode, fillHoles, type Mask } from './masks.ts';

/** `#` is on. */
function mask(lines: readonly string[]): Mask {
  const on = Uint8Array.from(lines.join(''), (sign) => (sign === '#' ? 1 : 0));
  return { rows: lines.length, columns: lines[0]?.length ?? 0, on };
}

function picture({ columns, on }: Mask): readonly string[] {
  return (
    Array.from(on, (bit) => (bit === 1 ? '#' : '.'))
      .join('')
      .match(new RegExp(`.{${columns}}`, 'g')) ?? []
  );
}

describe('masks', () => {
  test('a dilated point is a square, and an eroded square a point', () => {
    const point = mask(['.....', '.....', '..#..', '.....', '.....']);

    expect(picture(dilate(point, 1))).toEqual(['.....', '.###.', '.###.', '.###.', '.....']);
    expect(picture(erode(dilate(point, 1), 1))).toEqual(picture(point));
  });

  test('erosion takes the border of the image for outside', () => {
    expect(picture(erode(mask(['###', '###', '###']), 1))).toEqual(['...', '.#.', '...']);
  });

  test('closing fills a hole and leaves the outline', () => {
    const ring = mask(['.......', '.#####.', '.##.##.', '.#####.', '.......']);

    expect(picture(close(ring, 1))).toEqual(['.......', '.#####.', '.#####.', '.#####.', '.......']);
  });

  test('holes of any size are filled, bays are not', () => {
    const shape = mask(['#####.', '#...#.', '#...#.', '#####.', '#.##..']);

    expect(picture(fillHoles(shape))).toEqual(['#####.', '#####.', '#####.', '#####.', '#.##..']);
    expect(countOn(fillHoles(shape))).toBe(23);
  });
});
