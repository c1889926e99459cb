import { type Degradation, lowQualityWords } from '../model/degrade/degradation.ts';
import { findSupport, type KSpaceSupport, supportBand } from '../model/degrade/interpolated-support.ts';
import { cropKSpace, keptFrequencies, type Plane, truncateKSpace } from '../model/degrade/k-space.ts';
import { exposePet, prepareLowCountPet, sensitivityOf } from '../model/degrade/low-count-pet.ts';
import { addedNoiseHu, prepareLowDoseCt } from '../model/degrade/low-dose-ct.ts';
import { paddingMask, physicalValues, type StoredImage } from '../model/normalise.ts';
import type { Words } from '../model/philox.ts';
import type { Series, Slice } from './slice.ts';
import { storeResult } from './store-result.ts';

/** One slice of high quality from which low-quality ones can be made. */
export interface Simulated {
  /** The reference: the slice itself, or, in MR that its scanner enlarged, the image that was measured. */
  readonly slice: Slice;
  readonly physical: Float64Array;
  readonly padding: Uint8Array;
  /** CT noise σ_f of the reference, HU; elsewhere, and where it can't be told, `undefined`. */
  readonly sigmaHu: number | undefined;
  /** The slice after a degradation, on its own stored grid (model-spec.md 2.9). */
  degrade(degradation: Degradation, seed: number): StoredImage;
}

/** A series of references with what was found about it. */
export interface SimulatedSeries {
  readonly series: Series;
  /** MR only: the k-space that was measured. */
  readonly support: KSpaceSupport | undefined;
  /** One after the other: projections are made when the slice's turn comes. */
  readonly slices: Iterable<Simulated>;
}

/** Prepares the simulation of a series; lazily, slice by slice. */
export function simulateSeries(series: Series): SimulatedSeries {
  switch (series.task) {
    case 'ct-denoising':
      return { series, support: undefined, slices: lazily(series.slices, (slice) => simulateCt(series, slice)) };
    case 'mri-super-resolution':
      return simulateMr(series);
    case 'pet-synthesis':
      return simulatePet(series);
    default:
      return series.task satisfies never;
  }
}

/** Ceiling of a CT slice's gain, dB: HQ's own noise can't be told apart from the added one (model-spec.md 2.9). */
export function ctCeilingDb(sigmaHu: number | undefined, doseFraction: number): number | undefined {
  if (sigmaHu === undefined || sigmaHu <= 0) return undefined;
  return 10 * Math.log10(1 + (addedNoiseHu(sigmaHu, doseFraction) / sigmaHu) ** 2);
}

function* lazily<In, Out>(items: readonly In[], make: (item: In, index: number) => Out): Generator<Out> {
  for (const [index, item] of items.entries()) yield make(item, index);
}

function planeOf(slice: Slice, values: Float64Array): Plane {
  return { rows: slice.image.rows, columns: slice.image.columns, values };
}

function wordsOf(series: Series, slice: Slice, seed: number): Words {
  return lowQualityWords(seed, slice.sopInstanceUid, slice.frame, series.task);
}

function simulateCt(series: Series, slice: Slice): Simulated {
  const physical = physicalValues(slice.image);
  const padding = paddingMask(slice.image, series.task);
  const scan = prepareLowDoseCt(planeOf(slice, physical), { pixelMm: slice.pixelMm, kernel: series.kernel });
  const kept = padding.map((on, i) => (on === 1 || (physical[i] ?? 0) < -1024 ? 1 : 0));
  return {
    slice,
    physical,
    padding,
    sigmaHu: scan.sigmaHu,
    degrade: (degradation, seed) => {
      if (degradation.kind !== 'dose' || degradation.fraction >= 1) return slice.image;
      const noise = scan.noise(wordsOf(series, slice, seed), degradation.fraction);
      const noisy = physical.map((hu, i) => Math.max(-1024, hu + (noise[i] ?? 0)));
      return storeResult(slice.image, noisy, kept, series.task);
    },
  };
}

function simulateMr(series: Series): SimulatedSeries {
  const planes = series.slices.map((slice) => planeOf(slice, physicalValues(slice.image)));
  const support = findSupport(planes);
  const slices = lazily(series.slices, (slice, index): Simulated => {
    const reference = measuredSlice(slice, planes[index] ?? planeOf(slice, physicalValues(slice.image)), support);
    const physical = physicalValues(reference.image);
    return {
      slice: reference,
      physical,
      padding: paddingMask(reference.image, series.task),
      sigmaHu: undefined,
      degrade: (degradation) => truncated(reference.image, physical, degradation),
    };
  });
  return { series, support, slices };
}

/** The image that the measured part of k-space describes, on the source's stored grid. */
function measuredSlice(slice: Slice, plane: Plane, support: KSpaceSupport): Slice {
  const band = supportBand(support, plane.rows, plane.columns);
  if (band.rows === plane.rows && band.columns === plane.columns) return slice;
  const small = cropKSpace(plane, band);
  const blank = { ...slice.image, ...band, stored: slice.image.stored.slice(0, band.rows * band.columns) };
  const image = storeResult(blank, small.values, new Uint8Array(blank.stored.length), 'mri-super-resolution');
  const growth = Math.sqrt((plane.rows * plane.columns) / (band.rows * band.columns));
  return { ...slice, image, pixelMm: slice.pixelMm * growth };
}

function truncated(image: StoredImage, physical: Float64Array, degradation: Degradation): StoredImage {
  if (degradation.kind !== 'k-space') return image;
  const kept = {
    rows: keptFrequencies(image.rows, degradation.rowFactor),
    columns: keptFrequencies(image.columns, degradation.columnFactor),
  };
  if (kept.rows === image.rows && kept.columns === image.columns) return image;
  const low = truncateKSpace({ rows: image.rows, columns: image.columns, values: physical }, kept);
  return storeResult(image, low.values, new Uint8Array(image.stored.length), 'mri-super-resolution');
}

function simulatePet(series: Series): SimulatedSeries {
  const exposures = series.slices.map((slice) => exposePet(planeOf(slice, physicalValues(slice.image)), slice.pixelMm));
  const sensitivity = sensitivityOf(exposures);
  const slices = lazily(series.slices, (slice, index): Simulated => {
    const physical = physicalValues(slice.image);
    const exposure = exposures[index] ?? exposePet(planeOf(slice, physical), slice.pixelMm);
    const scan = prepareLowCountPet(exposure, sensitivity);
    return {
      slice,
      physical,
      padding: paddingMask(slice.image, series.task),
      sigmaHu: undefined,
      degrade: (degradation, seed) => {
        if (degradation.kind !== 'dose' || degradation.fraction >= 1) return slice.image;
        const suv = scan.simulate(wordsOf(series, slice, seed), degradation.fraction);
        return storeResult(slice.image, suv, new Uint8Array(suv.length), series.task);
      },
    };
  });
  return { series, support: undefined, slices };
}
