import { describe, expect, test } from 'vitest';
import type { Matcher } from '../config/schema.ts';
import { compileMatcher } from './match.ts';
import type { Summary } from './summary.ts';

const series: Summary = {
  instances: 12,
  values: {
    Modality: ['CT'],
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    SliceThickness: ['5.0'],
    PixelSpacing: ['0.7', '0.9'],
    InstanceNumber: 'varies',
    SeriesDescription: ['Thorax 5.0 B40f'],
    callingAeTitle: ['CT1'],
  },
};

describe('a matcher matches', () => {
  test.for<{ name: string; keyword: string; matcher: Matcher }>([
    { name: 'a value', keyword: 'Modality', matcher: 'CT' },
    { name: 'a number, however it is written', keyword: 'SliceThickness', matcher: 5 },
    { name: 'one value of a list', keyword: 'Modality', matcher: ['MR', 'CT'] },
    { name: 'a multi-value as a whole', keyword: 'ImageType', matcher: 'ORIGINAL\\PRIMARY\\AXIAL' },
    { name: 'a token of a multi-value', keyword: 'ImageType', matcher: { has: 'AXIAL' } },
    { name: 'one token of several', keyword: 'ImageType', matcher: { has: ['HELIX', 'AXIAL'] } },
    { name: 'a number up to its bound', keyword: 'SliceThickness', matcher: { max: 5 } },
    { name: 'a number from its bound', keyword: 'SliceThickness', matcher: { min: 5 } },
    { name: 'every value within a range', keyword: 'PixelSpacing', matcher: { min: 0.5, max: 1 } },
    { name: 'anything but a value', keyword: 'Modality', matcher: { not: 'MR' } },
    { name: 'anything but a token', keyword: 'ImageType', matcher: { not: { has: 'LOCALIZER' } } },
    { name: 'an absent keyword', keyword: 'BodyPartExamined', matcher: { absent: true } },
    { name: 'the number of instances', keyword: 'instances', matcher: { min: 5 } },
    { name: 'who called', keyword: 'callingAeTitle', matcher: 'CT1' },
  ])('$name', ({ keyword, matcher }) => {
    expect(compileMatcher(keyword, matcher)(series)).toBeUndefined();
  });
});

describe('a matcher that does not match says what it wants and what is there', () => {
  test.for<{ name: string; keyword: string; matcher: Matcher; wanted: string; found: string }>([
    { name: 'another value', keyword: 'Modality', matcher: 'MR', wanted: 'MR', found: 'is CT' },
    { name: 'none of a list', keyword: 'Modality', matcher: ['MR', 'PT'], wanted: 'MR or PT', found: 'is CT' },
    {
      name: 'part of a text',
      keyword: 'SeriesDescription',
      matcher: 'Thorax',
      wanted: 'Thorax',
      found: 'is Thorax 5.0 B40f',
    },
    { name: 'a value in other letters', keyword: 'Modality', matcher: 'ct', wanted: 'ct', found: 'is CT' },
    {
      name: 'a token that is not there',
      keyword: 'ImageType',
      matcher: { has: 'LOCALIZER' },
      wanted: 'one that has LOCALIZER',
      found: 'is ORIGINAL\\PRIMARY\\AXIAL',
    },
    {
      name: 'a number above its bound',
      keyword: 'SliceThickness',
      matcher: { max: 4.9 },
      wanted: 'at most 4.9',
      found: 'is 5.0',
    },
    {
      name: 'one of two values out of range',
      keyword: 'PixelSpacing',
      matcher: { min: 0.8, max: 1 },
      wanted: 'at least 0.8 and at most 1',
      found: 'is 0.7\\0.9',
    },
    { name: 'a text in a range', keyword: 'Modality', matcher: { min: 0 }, wanted: 'at least 0', found: 'is CT' },
    {
      name: 'the one value that must not be',
      keyword: 'Modality',
      matcher: { not: 'CT' },
      wanted: 'anything but CT',
      found: 'is CT',
    },
    {
      name: 'a keyword that varies, even for what it must not be',
      keyword: 'InstanceNumber',
      matcher: { not: 3 },
      wanted: 'anything but 3',
      found: 'varies within the series',
    },
    {
      name: 'an absent keyword, even for what it must not be',
      keyword: 'BodyPartExamined',
      matcher: { not: 'HEAD' },
      wanted: 'anything but HEAD',
      found: 'is absent',
    },
    {
      name: 'a keyword that should be absent',
      keyword: 'Modality',
      matcher: { absent: true },
      wanted: 'absent',
      found: 'is CT',
    },
    {
      name: 'a keyword that varies and should be absent',
      keyword: 'InstanceNumber',
      matcher: { absent: true },
      wanted: 'absent',
      found: 'varies within the series',
    },
  ])('$name', ({ keyword, matcher, wanted, found }) => {
    expect(compileMatcher(keyword, matcher)(series)).toEqual({ test: keyword, wanted, found });
  });
});
