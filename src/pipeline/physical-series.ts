import { byPosition, type FrameImage } from '../dicom/frame-images.ts';
import { seriesSuvFactor } from '../dicom/suv.ts';
import { paddingMask, physicalValues, type StoredImage, type UnitScale, unitScale } from '../model/normalise.ts';
import type { SourceInstance } from './read-sources.ts';
import { seriesScale } from './series-scale.ts';
import type { SeriesWork } from './series-work.ts';

/** One slice or frame with what its numbers mean; values are computed when they are asked for: pixels are memory. */
export interface PhysicalSlice {
  readonly sopInstanceUid: string;
  /** From 1. */
  readonly frame: number;
  readonly image: StoredImage;
  readonly positionMm: number | undefined;
  /** HU, MR units or SUV. */
  readonly values: () => Float64Array;
  readonly padding: () => Uint8Array;
}

/** A series in physical values, its slices in the order of their positions. */
export interface PhysicalSeries {
  readonly kind: 'series';
  readonly slices: readonly PhysicalSlice[];
  readonly unit: UnitScale;
  /** MR: the scale of the series; part of every derived UID. */
  readonly contextScale: number | undefined;
  readonly size: { readonly pixelMm: number; readonly sliceMm: number };
}

export type Physical = PhysicalSeries | { readonly kind: 'refused'; readonly reason: string };

/** Gives stored values their meaning (model-spec.md 2.8): HU, SUV, or the scale of an MR series. */
export function physicalSeries(sources: readonly SourceInstance[], { task, earlier }: SeriesWork): Physical {
  const images = sources.flatMap((source) => source.images).toSorted(byPosition);
  const suv = task === 'pet-synthesis' ? seriesSuvFactor(sources.map(({ pet }) => pet)) : undefined;
  if (suv?.kind === 'refused') return { kind: 'refused', reason: `${suv.reason}: ${suv.why}` };
  const scale = task === 'mri-super-resolution' ? seriesScale(images, task, earlier) : undefined;
  if (task === 'mri-super-resolution' && scale === undefined) {
    return { kind: 'refused', reason: 'value-scale: no value of the series is above 0' };
  }
  return {
    kind: 'series',
    slices: images.map((image) => physicalSlice(image, task, suv?.suvPerUnit ?? 1)),
    unit: unitScale(task, scale ?? 1),
    contextScale: scale,
    size: { pixelMm: pixelOf(images), sliceMm: spacingOf(images) },
  };
}

function physicalSlice(image: FrameImage, task: SeriesWork['task'], factor: number): PhysicalSlice {
  const stored: StoredImage = { ...image, factor };
  return {
    sopInstanceUid: image.sopInstanceUid,
    frame: image.frame,
    image: stored,
    positionMm: image.positionMm,
    values: () => physicalValues(stored),
    padding: () => paddingMask(stored, task),
  };
}

/** Mean of row and column spacing of the first slice; 1 where the header is silent. */
function pixelOf(images: readonly FrameImage[]): number {
  const [down, across] = images[0]?.pixelSpacingMm ?? [1, 1];
  return (down + across) / 2;
}

/** Median distance of neighbours; 1 for one slice, or without positions. */
function spacingOf(images: readonly FrameImage[]): number {
  const positions = images.flatMap(({ positionMm }) => positionMm ?? []);
  const gaps = positions.slice(1).map((position, index) => position - (positions[index] ?? position));
  const sorted = gaps.filter((gap) => gap > 0).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 1;
}
