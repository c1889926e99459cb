import { describe, expect, test } from 'vitest';
import { walkDataSet } from './data-set.ts';
import { type Edit, joinRanges, splice } from './element-splicer.ts';
import { expectedCount, readCountFacts } from './expected-count.ts';
import { tagOfKeyword } from './tags.ts';
import { explicitLittle } from './transfer-syntax.ts';
import { encodeNumbers, encodeText } from './value-encoder.ts';

const us = (keyword: string, value: number): Edit => ({
  tag: tagOfKeyword(keyword),
  vr: 'US',
  value: encodeNumbers('US', value),
});
const text = (keyword: string, vr: string, ...values: string[]): Edit => ({
  tag: tagOfKeyword(keyword),
  vr,
  value: encodeText(vr, values),
});

function facts(...edits: readonly Edit[]) {
  const empty = walkDataSet(Buffer.alloc(0), explicitLittle);
  return readCountFacts(walkDataSet(joinRanges(splice(empty, edits)), explicitLittle));
}

const slices = us('NumberOfSlices', 47);
const acquisition = (number: string, images: string) =>
  facts(text('AcquisitionNumber', 'IS', number), text('ImagesInAcquisition', 'IS', images));

describe('expectedCount', () => {
  test.for([
    { name: 'nothing stated', facts: [facts()], count: undefined },
    { name: 'PET slices', facts: [facts(slices), facts(slices)], count: { instances: 47, statedBy: 'NumberOfSlices' } },
    {
      name: 'dynamic PET',
      facts: [facts(slices, us('NumberOfTimeSlices', 3), text('SeriesType', 'CS', 'DYNAMIC', 'IMAGE'))],
      count: { instances: 141, statedBy: 'NumberOfSlices' },
    },
    {
      name: 'static PET that states time slices too',
      facts: [facts(slices, us('NumberOfTimeSlices', 3), text('SeriesType', 'CS', 'STATIC', 'IMAGE'))],
      count: { instances: 47, statedBy: 'NumberOfSlices' },
    },
    {
      name: 'gated PET says nothing',
      facts: [facts(slices, text('SeriesType', 'CS', 'GATED', 'IMAGE'))],
      count: undefined,
    },
    {
      name: 'images of two acquisitions',
      facts: [acquisition('1', '30'), acquisition('2', '20'), acquisition('1', '30')],
      count: { instances: 50, statedBy: 'ImagesInAcquisition' },
    },
    { name: 'one instance without its count', facts: [acquisition('1', '30'), facts()], count: undefined },
    {
      name: 'parts of a concatenation',
      facts: [facts(text('ConcatenationUID', 'UI', '1.2'), us('InConcatenationTotalNumber', 4))],
      count: { instances: 4, statedBy: 'InConcatenationTotalNumber' },
    },
    {
      name: 'phases at ten positions',
      facts: [facts(text('NumberOfTemporalPositions', 'IS', '5'))],
      count: { instances: 50, statedBy: 'NumberOfTemporalPositions' },
    },
    { name: 'one phase says nothing', facts: [facts(text('NumberOfTemporalPositions', 'IS', '1'))], count: undefined },
    {
      name: 'the largest of two statements',
      facts: [facts(slices, text('ImagesInAcquisition', 'IS', '60'))],
      count: { instances: 60, statedBy: 'ImagesInAcquisition' },
    },
    { name: 'zero is no count', facts: [facts(us('NumberOfSlices', 0))], count: undefined },
    { name: 'no instances', facts: [], count: undefined },
  ])('$name', ({ facts: list, count }) => {
    expect(expectedCount(list, 10)).toEqual(count);
  });
});
