import { findElement } from '../../dicom/data-set.ts';
import { readElementHeader, undefinedLength } from '../../dicom/element-header.ts';
import { readNumber } from '../../dicom/element-values.ts';
import { tagOfKeyword, tags } from '../../dicom/tags.ts';
import { type Evidence, evidence } from './finding.ts';
import { frameTypeGroups, type Image, isOf, rootValues, valuesAnywhere } from './image.ts';

/** Pixels that are missing or cut. Padding behind the last frame, shorter than a frame, is no fault. */
export function noPixels(image: Image): Evidence | undefined {
  const lengthBytes = pixelBytes(image);
  if (lengthBytes === undefined) return evidence('PixelData', [], 'there is nothing to restore');
  if (lengthBytes === 'encapsulated') return undefined;
  const frameBytes = (readNumber(image.root, tags.Rows) ?? 0) * (readNumber(image.root, tags.Columns) ?? 0) * 2;
  const neededBytes = frameBytes * image.frames;
  if (frameBytes > 0 && lengthBytes >= neededBytes && lengthBytes < neededBytes + frameBytes) return undefined;
  return evidence('PixelData', [`${lengthBytes} bytes long`], `rows, columns and frames make it ${neededBytes}`);
}

/** Length of native pixels as announced; they need not be among the bytes at hand, only in the file. */
function pixelBytes({ root, dataSetBytes }: Image): number | 'encapsulated' | undefined {
  const element = findElement(root, tags.PixelData);
  if (element !== undefined) return element.undefinedLength ? 'encapsulated' : element.lengthBytes;
  if (root.fault !== 'truncated') return undefined;
  const offset = root.elements.at(-1)?.end ?? 0;
  const header = readElementHeader(root.bytes, offset, root.bytes.length, root.encoding);
  if (header?.tag !== tags.PixelData) return undefined;
  if (header.declaredBytes === undefinedLength) return 'encapsulated';
  const there = dataSetBytes - offset - header.headerBytes;
  return there >= header.declaredBytes ? header.declaredBytes : undefined;
}

export function color(image: Image): Evidence | undefined {
  const samples = rootValues(image, 'SamplesPerPixel');
  if (samples[0] !== '1') return evidence('SamplesPerPixel', samples, 'only images of one sample are restored');
  const photometric = rootValues(image, 'PhotometricInterpretation');
  const allowed = isOf(image, 'PT') ? ['MONOCHROME2'] : ['MONOCHROME2', 'MONOCHROME1'];
  if (!allowed.includes(photometric[0] ?? '')) {
    return evidence('PhotometricInterpretation', photometric, `not ${allowed.join(' or ')}`);
  }
  const presentation = valuesAnywhere(image, 'PixelPresentation', frameTypeGroups);
  const colored = presentation.filter((value) => ['COLOR', 'TRUE_COLOR', 'MIXED'].includes(value));
  return colored.length === 0 ? undefined : evidence('PixelPresentation', colored, 'shown in color');
}

export function bits(image: Image): Evidence | undefined {
  const allocated = readNumber(image.root, tags.BitsAllocated);
  const stored = readNumber(image.root, tags.BitsStored);
  const high = readNumber(image.root, tags.HighBit);
  if (allocated !== 16) return evidence('BitsAllocated', rootValues(image, 'BitsAllocated'), 'not 16');
  if (stored === undefined || stored < 1 || stored > 16) {
    return evidence('BitsStored', rootValues(image, 'BitsStored'), 'not 1 to 16');
  }
  if (high !== stored - 1) return evidence('HighBit', rootValues(image, 'HighBit'), 'not one less than Bits Stored');
  return undefined;
}

export function multiFrame(image: Image): Evidence | undefined {
  if (image.sopClass?.family !== 'classic' || image.frames <= 1) return undefined;
  return evidence('NumberOfFrames', [image.frames], 'a classic image has one frame');
}

/** What stored values mean must be known: rescale to HU, to activity, or none for MR. */
export function valueScale(image: Image): Evidence | undefined {
  if (findElement(image.root, tagOfKeyword('ModalityLUTSequence'))) {
    return evidence('ModalityLUTSequence', ['present'], 'stored values are not scaled by slope and intercept');
  }
  return slopeFault(image) ?? interceptFault(image) ?? rescaleTypeFault(image);
}

const scaleGroups = ['PixelValueTransformationSequence'];

function slopeFault(image: Image): Evidence | undefined {
  const slopes = valuesAnywhere(image, 'RescaleSlope', scaleGroups);
  if (slopes.length === 0 && !isOf(image, 'MR')) return evidence('RescaleSlope', [], 'CT and PET need one');
  const wrong = slopes.find((slope) => !(Math.abs(Number(slope)) > 0));
  return wrong === undefined ? undefined : evidence('RescaleSlope', [wrong], 'zero, or not a number');
}

function interceptFault(image: Image): Evidence | undefined {
  if (!isOf(image, 'PT')) return undefined;
  const wrong = valuesAnywhere(image, 'RescaleIntercept', scaleGroups).find((value) => Number(value) !== 0);
  return wrong === undefined ? undefined : evidence('RescaleIntercept', [wrong], 'activity has no offset');
}

function rescaleTypeFault(image: Image): Evidence | undefined {
  if (!isOf(image, 'CT')) return undefined;
  const wrong = valuesAnywhere(image, 'RescaleType', scaleGroups).find((value) => value !== 'HU');
  return wrong === undefined ? undefined : evidence('RescaleType', [wrong], 'not Hounsfield units');
}

/** Shortest side that the model takes (model-spec.md 2.8). */
const shortestSide = 32;

export function tooSmall(image: Image): Evidence | undefined {
  const rows = readNumber(image.root, tags.Rows) ?? 0;
  const columns = readNumber(image.root, tags.Columns) ?? 0;
  if (Math.min(rows, columns) >= shortestSide) return undefined;
  return evidence(rows < columns ? 'Rows' : 'Columns', [Math.min(rows, columns)], `fewer than ${shortestSide}`);
}
