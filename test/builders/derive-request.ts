import type { DeriveRequest } from '../../src/dicom/derived/derive-instance.ts';
import { describeDerivedSeries, type SeriesFacts } from '../../src/dicom/derived/derived-series.ts';
import { pixelDigest } from '../../src/dicom/derived/pixel-digest.ts';
import type { StoredValues } from '../../src/dicom/derived/pixel-elements.ts';
import type { Recipe } from '../../src/dicom/derived/recipe.ts';
import { readString } from '../../src/dicom/element-values.ts';
import type { Part10 } from '../../src/dicom/part10.ts';
import { tags } from '../../src/dicom/tags.ts';
import { parseUid } from '../../src/dicom/uid.ts';

const tasks = { CT: 'ct-denoising', MR: 'mri-super-resolution', PT: 'pet-synthesis' } as const;

/** Facts of a derived series as a job would know them, for tests: fixed digests, a fixed moment. */
export function seriesFacts(modality: string, changes: Partial<SeriesFacts> = {}): SeriesFacts {
  const recipe: Recipe = {
    context: modality === 'MR' ? { scale: 1234.5 } : {},
    issue: 1,
    pipeline: 1,
    settings: '1'.repeat(64),
    task: tasks[modality === 'MR' || modality === 'PT' ? modality : 'CT'],
    weights: '0'.repeat(64),
  };
  return {
    recipe,
    preset: 'base32',
    nodeVersion: '0.1.0',
    seed: 1,
    widenedLimits: [],
    installationId: '0b9f6d1e-6f0a-4a37-9a52-0c7b5d1e2f30',
    executor: 'reference',
    claimedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    timezone: 'UTC',
    ordinal: 1,
    ...changes,
  };
}

/** A request that derives `stored` from a source, whose own pixels are `original`. */
export function deriveRequest(
  source: Part10,
  stored: StoredValues,
  changes: Partial<SeriesFacts> = {},
  original: StoredValues = stored,
): DeriveRequest {
  const { dataSet } = source;
  const facts = seriesFacts(readString(dataSet, tags.Modality) ?? '', changes);
  const seriesInstanceUid = parseUid<DeriveRequest['series']['sourceSeriesInstanceUid']>(
    readString(dataSet, tags.SeriesInstanceUid) ?? '',
  );
  const series = describeDerivedSeries(seriesInstanceUid, dataSet, [], facts);
  return { source, series, stored, pixelDigest: pixelDigest(source, original) };
}
