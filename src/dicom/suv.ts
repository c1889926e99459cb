import { decayReference, type PetFacts, secondsSinceInjection } from './pet-facts.ts';

/** What a PET header says about its unit; `undefined` where it is silent. */
export interface PetUnits {
  /** Units (0054,1001). */
  readonly units: string;
  /** SUV Type (0054,1006). */
  readonly suvType: string | undefined;
  /** Decay Correction (0054,1102). */
  readonly decayCorrection: string | undefined;
  readonly patientWeightKg: number | undefined;
  readonly totalDoseBq: number | undefined;
  readonly halfLifeSeconds: number | undefined;
  /** From the injection to the moment to which the image is decay corrected. */
  readonly injectionToReferenceSeconds: number | undefined;
  /** Philips SUV Scale Factor (7053,xx00). */
  readonly philipsFactor: number | undefined;
}

export type SuvFactor =
  | { readonly kind: 'factor'; readonly suvPerUnit: number }
  | { readonly kind: 'refused'; readonly reason: 'pet-units'; readonly why: string };

/** SUVbw = output value · `suvPerUnit` (model-spec.md 2.8, SUV); refused where an input is missing or implausible. */
export function suvFactor(pet: PetUnits): SuvFactor {
  switch (pet.units) {
    case 'GML':
      if (pet.suvType !== undefined && pet.suvType !== '' && pet.suvType !== 'BW') return refused('SUV Type is not BW');
      return { kind: 'factor', suvPerUnit: 1 };
    case 'BQML':
      return fromActivity(pet);
    case 'CNTS':
      return plausible(pet.philipsFactor ?? Number.NaN, 'the Philips SUV factor is missing or not positive');
    default:
      return refused('Units is not BQML, GML or CNTS');
  }
}

/** One factor for all slices of a series; refused where one of them has none, or the factors differ. */
export function seriesSuvFactor(pets: readonly PetFacts[]): SuvFactor {
  const reference = decayReference(pets);
  const factors = pets.map((pet) => {
    const known = pet.injectedAt !== undefined && reference !== undefined;
    const injectionToReferenceSeconds = known ? secondsSinceInjection(pet.injectedAt, reference) : undefined;
    return suvFactor({ ...pet, injectionToReferenceSeconds });
  });
  const [first] = factors;
  const other = factors.find((factor) => factor.kind === 'refused') ?? first ?? refused('no slices');
  if (other.kind === 'refused' || first?.kind !== 'factor') return other;
  const differs = factors.some((factor) => factor.kind === 'factor' && factor.suvPerUnit !== first.suvPerUnit);
  return differs ? refused('units, weight or dose differ within the series') : first;
}

function fromActivity(pet: PetUnits): SuvFactor {
  const weight = pet.patientWeightKg;
  if (weight === undefined || !(weight >= 1 && weight <= 400)) return refused('the weight is not within 1 to 400 kg');
  const dose = doseAtReference(pet);
  if (dose === undefined) return refused('dose, half-life, injection time or decay correction is missing');
  return plausible((1000 * weight) / dose, 'the dose is not positive');
}

/** Bq left at the moment that the image is corrected to. */
function doseAtReference(pet: PetUnits): number | undefined {
  const { totalDoseBq, halfLifeSeconds, injectionToReferenceSeconds } = pet;
  if (totalDoseBq === undefined) return undefined;
  if (pet.decayCorrection === 'ADMIN') return totalDoseBq;
  if (pet.decayCorrection !== 'START') return undefined;
  if (halfLifeSeconds === undefined || !(halfLifeSeconds > 0)) return undefined;
  if (injectionToReferenceSeconds === undefined || injectionToReferenceSeconds < 0) return undefined;
  return totalDoseBq * 2 ** (-injectionToReferenceSeconds / halfLifeSeconds);
}

function plausible(suvPerUnit: number, why: string): SuvFactor {
  return suvPerUnit > 0 && Number.isFinite(suvPerUnit) ? { kind: 'factor', suvPerUnit } : refused(why);
}

function refused(why: string): SuvFactor {
  return { kind: 'refused', reason: 'pet-units', why };
}
