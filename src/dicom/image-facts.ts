import type { DataSet } from './data-set.ts';
import { readItems, readNumber, readNumbers, readString, readStrings } from './element-values.ts';
import { tagOfKeyword, tags } from './tags.ts';

/** What the stored values of one image are worth, and where it lies; the same for every frame unless said. */
export interface ImageFacts {
  readonly modality: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frames: number;
  /** All values of Convolution Kernel, the first first. */
  readonly convolutionKernel: string;
  readonly padding: PaddingRange | undefined;
}

/** Pixel Padding Value and Range Limit as stored values, both included, the smaller first. */
export interface PaddingRange {
  readonly first: number;
  readonly last: number;
}

/** What may differ from frame to frame (PS3.3 C.7.6.16). */
export interface FrameFacts {
  readonly slope: number;
  readonly intercept: number;
  /** Between rows, then between columns; `undefined` where the header is silent. */
  readonly pixelSpacingMm: readonly [number, number] | undefined;
  /** Along the normal; the order of slices. */
  readonly positionMm: number | undefined;
}

const lookUp = {
  convolutionKernel: tagOfKeyword('ConvolutionKernel'),
  pixelValueTransformation: tagOfKeyword('PixelValueTransformationSequence'),
  pixelMeasures: tagOfKeyword('PixelMeasuresSequence'),
  planePosition: tagOfKeyword('PlanePositionSequence'),
  planeOrientation: tagOfKeyword('PlaneOrientationSequence'),
};

/** Reads the facts of a whole image object. */
export function readImageFacts(dataSet: DataSet): ImageFacts {
  return {
    modality: readString(dataSet, tags.Modality) ?? '',
    sopInstanceUid: readString(dataSet, tags.SopInstanceUid) ?? '',
    seriesInstanceUid: readString(dataSet, tags.SeriesInstanceUid) ?? '',
    frames: readNumber(dataSet, tags.NumberOfFrames) ?? 1,
    convolutionKernel: readStrings(dataSet, lookUp.convolutionKernel).join('\\'),
    padding: readPadding(dataSet),
  };
}

/** Reads the facts of frame `frame`, counted from 0: from its functional groups, the shared ones, or the root. */
export function readFrameFacts(dataSet: DataSet, frame: number): FrameFacts {
  const places = [
    readItems(dataSet, tags.PerFrameFunctionalGroupsSequence)[frame],
    readItems(dataSet, tags.SharedFunctionalGroupsSequence)[0],
  ].filter((group) => group !== undefined);
  const numbers = (sequence: number, tag: number): readonly number[] => {
    for (const group of places) {
      const found = readItems(group, sequence).map((item) => readNumbers(item, tag))[0];
      if (found !== undefined && found.length > 0) return found;
    }
    return readNumbers(dataSet, tag);
  };
  const [slope = 1] = numbers(lookUp.pixelValueTransformation, tags.RescaleSlope);
  const [intercept = 0] = numbers(lookUp.pixelValueTransformation, tags.RescaleIntercept);
  const [down, across] = numbers(lookUp.pixelMeasures, tags.PixelSpacing);
  const position = numbers(lookUp.planePosition, tags.ImagePositionPatient);
  const orientation = numbers(lookUp.planeOrientation, tags.ImageOrientationPatient);
  return {
    slope,
    intercept,
    pixelSpacingMm: down !== undefined && across !== undefined && down > 0 && across > 0 ? [down, across] : undefined,
    positionMm: alongNormal(position, orientation),
  };
}

/** Padding is written as US by some who store signed pixels: 63536 means −2000. */
function readPadding(dataSet: DataSet): PaddingRange | undefined {
  const value = readNumber(dataSet, tags.PixelPaddingValue);
  if (value === undefined) return undefined;
  const limit = readNumber(dataSet, tags.PixelPaddingRangeLimit) ?? value;
  const signed = (stored: number): number => (dataSet.signedPixels && stored > 0x7fff ? stored - 0x10000 : stored);
  return { first: Math.min(signed(value), signed(limit)), last: Math.max(signed(value), signed(limit)) };
}

function alongNormal(position: readonly number[], orientation: readonly number[]): number | undefined {
  const [x, y, z] = position;
  const [a, b, c, d, e, f] = orientation;
  if (x === undefined || y === undefined || z === undefined) return undefined;
  if (a === undefined || b === undefined || c === undefined) return undefined;
  if (d === undefined || e === undefined || f === undefined) return undefined;
  return x * (b * f - c * e) + y * (c * d - a * f) + z * (a * e - b * d);
}
