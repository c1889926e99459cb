import { describe, expect, test } from 'vitest';
import { type ClockTime, decayReference, type PetFacts, secondsSinceInjection } from './pet-facts.ts';

const day = 20_000;

function slice(acquired: ClockTime | undefined, series: ClockTime | undefined): PetFacts {
  return {
    units: 'BQML',
    suvType: undefined,
    decayCorrection: 'START',
    patientWeightKg: 70,
    totalDoseBq: 1,
    halfLifeSeconds: 1,
    injectedAt: undefined,
    seriesAt: series,
    acquiredAt: acquired,
    philipsFactor: undefined,
  };
}

function at(secondsOfDay: number): ClockTime {
  return { day, secondsOfDay };
}

describe('decayReference', () => {
  test('is the series time when acquisition follows it', () => {
    expect(decayReference([slice(at(3600), at(3500)), slice(at(3700), at(3500))])).toEqual(at(3500));
  });

  test('is the first acquisition when the series time was rewritten later', () => {
    expect(decayReference([slice(at(3700), at(9000)), slice(at(3600), at(9000))])).toEqual(at(3600));
  });

  test('is whichever of both is known', () => {
    expect(decayReference([slice(at(5), undefined)])).toEqual(at(5));
    expect(decayReference([slice(undefined, at(6))])).toEqual(at(6));
  });
});

describe('secondsSinceInjection', () => {
  test('runs past midnight when no day was written', () => {
    const injected = { day: undefined, secondsOfDay: 86_000 };

    expect(secondsSinceInjection(injected, { day: undefined, secondsOfDay: 400 })).toBe(800);
  });

  test('counts days when both are known, and keeps an impossible order negative', () => {
    expect(secondsSinceInjection({ day: day - 1, secondsOfDay: 86_000 }, at(400))).toBe(800);
    expect(secondsSinceInjection(at(500), at(400))).toBe(-100);
  });
});
