import type { DataSet } from '../../dicom/data-set.ts';
import { readItems, readNumber, readStrings } from '../../dicom/element-values.ts';
import { readPrivateNumber } from '../../dicom/private-number.ts';
import { tagOfKeyword } from '../../dicom/tags.ts';
import { type Evidence, evidence } from './finding.ts';
import { type Image, isOf, rootValues } from './image.ts';

export function petReprojection(image: Image): Evidence | undefined {
  const type = rootValues(image, 'SeriesType');
  if (!isOf(image, 'PT') || type[1] !== 'REPROJECTION') return undefined;
  return evidence('SeriesType', type, 'value 2 is REPROJECTION');
}

/** Without attenuation and decay correction there is no activity to restore. */
export function petUncorrected(image: Image): Evidence | undefined {
  if (!isOf(image, 'PT')) return undefined;
  if (image.sopClass?.family === 'enhanced') return uncorrectedEnhanced(image);
  const corrected = rootValues(image, 'CorrectedImage');
  const lacking = ['ATTN', 'DECY'].filter((correction) => !corrected.includes(correction));
  return lacking.length === 0 ? undefined : evidence('CorrectedImage', corrected, `it lacks ${lacking.join(' and ')}`);
}

/** The same by the flags of the enhanced object (PS3.3 C.8.22.4). */
function uncorrectedEnhanced(image: Image): Evidence | undefined {
  const keyword = ['AttenuationCorrected', 'DecayCorrected'].find((flag) => rootValues(image, flag)[0] !== 'YES');
  return keyword === undefined ? undefined : evidence(keyword, rootValues(image, keyword), 'not YES');
}

const weightKg = { least: 1, most: 400 };
const philipsFactor = { creator: 'Philips PET Private Group', group: 0x7053, element: 0x00 };

/** What SUV needs must be there (model-spec.md 2.8). */
export function petUnits(image: Image): Evidence | undefined {
  if (!isOf(image, 'PT')) return undefined;
  const units = rootValues(image, 'Units');
  switch (units[0] ?? '') {
    case 'GML':
      return suvTypeFault(image);
    case 'BQML':
      return weightFault(image) ?? decayFault(image);
    case 'CNTS':
      return philipsFault(image);
    default:
      return evidence('Units', units, 'not BQML, GML, or CNTS with the factors of Philips');
  }
}

function suvTypeFault(image: Image): Evidence | undefined {
  const type = rootValues(image, 'SUVType');
  return type.length === 0 || type[0] === 'BW' ? undefined : evidence('SUVType', type, 'not by body weight');
}

function weightFault(image: Image): Evidence | undefined {
  const weight = readNumber(image.root, tagOfKeyword('PatientWeight')) ?? 0;
  if (weight >= weightKg.least && weight <= weightKg.most) return undefined;
  const found = rootValues(image, 'PatientWeight');
  return evidence('PatientWeight', found, `SUV needs ${weightKg.least} to ${weightKg.most} kg`);
}

function decayFault(image: Image): Evidence | undefined {
  const correction = rootValues(image, 'DecayCorrection');
  const isStart = correction[0] === 'START';
  if (!isStart && correction[0] !== 'ADMIN') return evidence('DecayCorrection', correction, 'SUV needs START or ADMIN');
  const [isotope] = readItems(image.root, tagOfKeyword('RadiopharmaceuticalInformationSequence'));
  if (isotope === undefined) return evidence('RadiopharmaceuticalInformationSequence', [], 'SUV needs the dose');
  const dose = numberFault(isotope, 'RadionuclideTotalDose');
  return isStart ? (dose ?? numberFault(isotope, 'RadionuclideHalfLife') ?? injectionFault(isotope)) : dose;
}

function numberFault(isotope: DataSet, keyword: string): Evidence | undefined {
  const tag = tagOfKeyword(keyword);
  if ((readNumber(isotope, tag) ?? 0) > 0) return undefined;
  return evidence(keyword, readStrings(isotope, tag), 'SUV needs it, above 0');
}

function injectionFault(isotope: DataSet): Evidence | undefined {
  const times = ['RadiopharmaceuticalStartDateTime', 'RadiopharmaceuticalStartTime'];
  const known = times.some((keyword) => readStrings(isotope, tagOfKeyword(keyword)).length > 0);
  return known ? undefined : evidence('RadiopharmaceuticalStartTime', [], 'SUV needs the time of the injection');
}

function philipsFault(image: Image): Evidence | undefined {
  const factor = readPrivateNumber(image.root, philipsFactor);
  if (factor !== undefined && factor > 0) return undefined;
  return { tag: 0x70531000, found: String(factor ?? 'absent'), because: 'CNTS needs the SUV factor of Philips' };
}
