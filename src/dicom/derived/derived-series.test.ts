import { expect, test } from 'vitest';
import { seriesFacts } from '../../../test/builders/derive-request.ts';
import { buildSource, raw } from '../../../test/builders/source-instance.ts';
import type { DataSet } from '../data-set.ts';
import { parsePart10 } from '../part10.ts';
import type { SeriesInstanceUid } from '../uid.ts';
import { describeDerivedSeries } from './derived-series.ts';
import { deriveUid } from './uid.ts';

const uid = deriveUid<SeriesInstanceUid>('test', 'series');

function withText(characterSet: string, description: string): DataSet {
  const edits = [raw('SpecificCharacterSet', characterSet), raw('SeriesDescription', description)];
  return parsePart10(buildSource({ modality: 'CT', edits })).dataSet;
}

const descriptionOf = (first: DataSet, ...others: DataSet[]) =>
  describeDerivedSeries(uid, first, others, seriesFacts('CT')).seriesDescription.toString('latin1');

test('one description holds for a series of one character set', () => {
  expect(descriptionOf(withText('ISO_IR 100', 'Sch\xe4del'), withText('ISO_IR 100', 'other'))).toBe('AI-DN Sch\xe4del');
});

test('a plain description holds in every character set', () => {
  expect(descriptionOf(withText('ISO_IR 100', 'THORAX'), withText('ISO_IR 192', 'other'))).toBe('AI-DN THORAX');
});

test('a text that other instances would read differently is left out', () => {
  expect(descriptionOf(withText('ISO_IR 100', 'Sch\xe4del'), withText('ISO_IR 192', 'other'))).toBe(
    'AI-DN of series 4',
  );
});

test('the derived series is named by its source series and the recipe alone', () => {
  const first = withText('ISO_IR 100', 'THORAX');
  const again = describeDerivedSeries(uid, first, [], seriesFacts('CT', { executor: 'onnx', ordinal: 2 }));
  const redone = describeDerivedSeries(uid, first, [], {
    ...seriesFacts('CT'),
    recipe: { ...seriesFacts('CT').recipe, issue: 2 },
  });
  const { seriesInstanceUid } = describeDerivedSeries(uid, first, [], seriesFacts('CT'));

  expect(again.seriesInstanceUid).toBe(seriesInstanceUid);
  expect(redone.seriesInstanceUid).not.toBe(seriesInstanceUid);
});
