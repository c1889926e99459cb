import { describe, expect, test } from 'vitest';
import { type PetUnits, suvFactor } from './suv.ts';

const fdg: PetUnits = {
  units: 'BQML',
  suvType: undefined,
  decayCorrection: 'START',
  patientWeightKg: 70,
  totalDoseBq: 370e6,
  halfLifeSeconds: 6586.2,
  injectionToReferenceSeconds: 3600,
  philipsFactor: undefined,
};

describe('suvFactor', () => {
  test.for([
    { name: 'decay from injection to the series', pet: fdg, suvPerUnit: 70_000 / (370e6 * 2 ** (-3600 / 6586.2)) },
    { name: 'decay corrected to the injection', pet: { ...fdg, decayCorrection: 'ADMIN' }, suvPerUnit: 70_000 / 370e6 },
    { name: 'SUV already', pet: { ...fdg, units: 'GML', patientWeightKg: undefined }, suvPerUnit: 1 },
    { name: 'the Philips factor', pet: { ...fdg, units: 'CNTS', philipsFactor: 0.000_52 }, suvPerUnit: 0.000_52 },
  ])('$name', ({ pet, suvPerUnit }) => {
    expect(suvFactor(pet)).toEqual({ kind: 'factor', suvPerUnit });
  });

  test.for([
    { name: 'counts without a factor', change: { units: 'CNTS' } },
    { name: 'a Philips factor of 0', change: { units: 'CNTS', philipsFactor: 0 } },
    { name: 'another unit', change: { units: 'PROPCPS' } },
    { name: 'SUV by lean mass', change: { units: 'GML', suvType: 'LBM' } },
    { name: 'no weight', change: { patientWeightKg: undefined } },
    { name: 'a weight in grams', change: { patientWeightKg: 70_000 } },
    { name: 'no dose', change: { totalDoseBq: undefined } },
    { name: 'a dose of 0', change: { totalDoseBq: 0 } },
    { name: 'no half-life', change: { halfLifeSeconds: undefined } },
    { name: 'a scan before the injection', change: { injectionToReferenceSeconds: -60 } },
    { name: 'no decay correction', change: { decayCorrection: 'NONE' } },
  ])('refuses $name', ({ change }) => {
    expect(suvFactor({ ...fdg, ...change })).toMatchObject({ kind: 'refused', reason: 'pet-units' });
  });
});
