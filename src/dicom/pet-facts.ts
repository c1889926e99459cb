import type { DataSet } from './data-set.ts';
import { readItems, readNumber, readString } from './element-values.ts';
import { isPrivateTag, tagOfKeyword } from './tags.ts';

/** What a PET header says about activity, before anything is decided from it (PS3.3 C.8.9.1, C.8.9.2). */
export interface PetFacts {
  readonly units: string;
  readonly suvType: string | undefined;
  readonly decayCorrection: string | undefined;
  readonly patientWeightKg: number | undefined;
  readonly totalDoseBq: number | undefined;
  readonly halfLifeSeconds: number | undefined;
  readonly injectedAt: ClockTime | undefined;
  readonly seriesAt: ClockTime | undefined;
  readonly acquiredAt: ClockTime | undefined;
  readonly philipsFactor: number | undefined;
}

/** A moment of the scanner's clock; the day is unknown where only a time was written. */
export interface ClockTime {
  /** Days since 1970, without time zone. */
  readonly day: number | undefined;
  readonly secondsOfDay: number;
}

const lookUp = {
  units: tagOfKeyword('Units'),
  suvType: tagOfKeyword('SUVType'),
  decayCorrection: tagOfKeyword('DecayCorrection'),
  patientWeight: tagOfKeyword('PatientWeight'),
  radiopharmaceutical: tagOfKeyword('RadiopharmaceuticalInformationSequence'),
  totalDose: tagOfKeyword('RadionuclideTotalDose'),
  halfLife: tagOfKeyword('RadionuclideHalfLife'),
  startDateTime: tagOfKeyword('RadiopharmaceuticalStartDateTime'),
  startTime: tagOfKeyword('RadiopharmaceuticalStartTime'),
  seriesDate: tagOfKeyword('SeriesDate'),
  seriesTime: tagOfKeyword('SeriesTime'),
  acquisitionDate: tagOfKeyword('AcquisitionDate'),
  acquisitionTime: tagOfKeyword('AcquisitionTime'),
};

const philipsCreator = 'Philips PET Private Group';
const philipsGroup = 0x7053;
const secondsPerDay = 86_400;

/** Reads one slice's header. */
export function readPetFacts(dataSet: DataSet): PetFacts {
  const drug = readItems(dataSet, lookUp.radiopharmaceutical)[0];
  const startDateTime = drug && readString(drug, lookUp.startDateTime);
  const startTime = drug && readString(drug, lookUp.startTime);
  return {
    units: readString(dataSet, lookUp.units) ?? '',
    suvType: readString(dataSet, lookUp.suvType),
    decayCorrection: readString(dataSet, lookUp.decayCorrection),
    patientWeightKg: readNumber(dataSet, lookUp.patientWeight),
    totalDoseBq: drug && readNumber(drug, lookUp.totalDose),
    halfLifeSeconds: drug && readNumber(drug, lookUp.halfLife),
    injectedAt:
      startDateTime === undefined
        ? clockTime(undefined, startTime)
        : clockTime(startDateTime.slice(0, 8), startDateTime.slice(8)),
    seriesAt: clockTime(readString(dataSet, lookUp.seriesDate), readString(dataSet, lookUp.seriesTime)),
    acquiredAt: clockTime(readString(dataSet, lookUp.acquisitionDate), readString(dataSet, lookUp.acquisitionTime)),
    philipsFactor: readPhilipsFactor(dataSet),
  };
}

/** The moment that a series is decay corrected to: its Series Time, unless its first acquisition is earlier. */
export function decayReference(slices: readonly PetFacts[]): ClockTime | undefined {
  const series = slices[0]?.seriesAt;
  const acquired = slices.map((slice) => slice.acquiredAt).filter((at) => at !== undefined);
  const earliest = acquired.toSorted((a, b) => secondsBetween(b, a))[0];
  if (series === undefined || earliest === undefined) return series ?? earliest;
  return secondsBetween(earliest, series) > 0 ? earliest : series;
}

/** From an injection to a later moment; without days, past midnight counts as the next day. */
export function secondsSinceInjection(injected: ClockTime, reference: ClockTime): number {
  const seconds = secondsBetween(injected, reference);
  return seconds < 0 && (injected.day === undefined || reference.day === undefined) ? seconds + secondsPerDay : seconds;
}

function secondsBetween(from: ClockTime, to: ClockTime): number {
  const days = from.day === undefined || to.day === undefined ? 0 : to.day - from.day;
  return days * secondsPerDay + to.secondsOfDay - from.secondsOfDay;
}

/** DA `YYYYMMDD` and TM `HHMMSS.FFFFFF`, possibly cut short (PS3.5 6.2). */
function clockTime(date: string | undefined, time: string | undefined): ClockTime | undefined {
  const parts = /^(\d{2})(\d{2})?(\d{2}(?:\.\d+)?)?/.exec(time ?? '');
  if (parts === null) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = parts;
  const secondsOfDay = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  const day = /^(\d{4})(\d{2})(\d{2})$/.exec(date ?? '');
  if (day === null) return { day: undefined, secondsOfDay };
  return { day: Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3])) / (1000 * secondsPerDay), secondsOfDay };
}

/** SUV Scale Factor (7053,xx00) in the block that its creator reserved. */
function readPhilipsFactor(dataSet: DataSet): number | undefined {
  const creator = dataSet.elements.find(
    ({ tag }) =>
      tag >>> 16 === philipsGroup &&
      isPrivateTag(tag) &&
      (tag & 0xffff) <= 0xff &&
      readString(dataSet, tag) === philipsCreator,
  );
  if (creator === undefined) return undefined;
  const tag = philipsGroup * 0x10000 + (creator.tag & 0xff) * 0x100;
  const number = readNumber(dataSet, tag) ?? Number(readString(dataSet, tag));
  return Number.isFinite(number) ? number : undefined;
}
