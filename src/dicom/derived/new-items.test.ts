import { describe, expect, test } from 'vitest';
import { sequence, text } from '../../../test/builders/source-instance.ts';
import { type DataSet, findElement, walkDataSet } from '../data-set.ts';
import { type Edit, joinRanges, splice } from '../element-splicer.ts';
import { readItems, readString } from '../element-values.ts';
import { tagOfKeyword } from '../tags.ts';
import { explicitLittle, implicitLittle } from '../transfer-syntax.ts';
import { appendItem } from './new-items.ts';

const tag = tagOfKeyword('RelatedSeriesSequence');
const empty = walkDataSet(Buffer.alloc(0), explicitLittle);
const added = { edits: [text('SeriesInstanceUID', '2.25.2')] };

function appendedTo(...edits: readonly Edit[]): DataSet {
  const source = walkDataSet(joinRanges(splice(empty, edits)), explicitLittle);
  return walkDataSet(joinRanges(splice(source, [appendItem(source, tag, added)])), explicitLittle);
}

const seriesOf = (dataSet: DataSet) =>
  readItems(dataSet, tag).map((item) => readString(item, tagOfKeyword('SeriesInstanceUID')));

describe('appendItem', () => {
  test('begins a sequence that the source does not have', () => {
    expect(seriesOf(appendedTo())).toEqual(['2.25.2']);
  });

  test('begins one in the place of an empty sequence', () => {
    expect(seriesOf(appendedTo(sequence('RelatedSeriesSequence')))).toEqual(['2.25.2']);
  });

  test('follows the items of the source', () => {
    const own = sequence('RelatedSeriesSequence', [text('SeriesInstanceUID', '2.25.1')]);

    expect(seriesOf(appendedTo(own))).toEqual(['2.25.1', '2.25.2']);
  });

  test('follows items that a relay hid as UN, and shows them again', () => {
    const item = splice(walkDataSet(Buffer.alloc(0), implicitLittle), [
      { tag, items: [{ edits: [text('SeriesInstanceUID', '2.25.1')] }] },
    ]);
    const hidden = { tag, vr: 'UN', value: joinRanges(item).subarray(8) };
    const result = appendedTo(hidden);

    expect(seriesOf(result)).toEqual(['2.25.1', '2.25.2']);
    expect(findElement(result, tag)?.vr).toBe('SQ');
  });
});
