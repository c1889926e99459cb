import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config/load.ts';
import { parsePart10 } from '../../src/dicom/part10.ts';
import { checkCel } from '../../src/router/cel.ts';
import { type Decision, decide } from '../../src/router/decide.ts';
import { compileRules } from '../../src/router/rules.ts';
import { type ReceivedInstance, summariseSeries } from '../../src/router/summarise.ts';
import { sharedData, withoutSharedData } from '../builders/shared-data.ts';

const rules = compileRules((await defaultConfig(checkCel)).rules);

function receivedFile(...path: readonly string[]): ReceivedInstance {
  const { dataSet } = parsePart10(readFileSync(join(sharedData ?? '', ...path)));
  const dataSetBytes = dataSet.bytes.length;
  return { dataSet, dataSetBytes, callingAeTitle: 'ZOO', calledAeTitle: 'DIFFCODE', isDerived: false };
}

/** `restore ct`, `exclude localizer`, `forward everything-else`. */
function inWords(decision: Decision): string {
  return decision.kind === 'exclude' && decision.finding
    ? `exclude ${decision.finding.reason}`
    : `${decision.kind} ${decision.rule}`;
}

// biome-ignore format: one row per file
const zoo: readonly (readonly [file: string, decision: string])[] = [
  ['ts-ct-explicit-le', 'restore ct'], ['ts-ct-implicit-le', 'restore ct'], ['ts-ct-explicit-be', 'restore ct'],
  ['ts-ct-deflated', 'restore ct'], ['ts-ct-rle', 'restore ct'], ['ts-ct-jpeg-lossless-sv1', 'restore ct'],
  ['ts-ct-jpegls-lossless', 'restore ct'], ['ts-ct-j2k-lossless', 'restore ct'],
  ['route-ct-saturated', 'restore ct'], ['route-ct-phantom-a', 'restore ct'], ['odd-un-explicit', 'restore ct'],
  ['odd-bad-sequence', 'restore ct'],
  ['route-mr-mosaic', 'restore mr'], ['route-mr-fruit', 'restore mr'], ['mf-mr-enhanced', 'restore mr'],
  ['mf-mr-enhanced-be', 'restore mr'], ['mf-mr-bruker', 'restore mr'],
  ['route-pet-ac-1', 'restore pet'], ['route-pet-jpegll-a', 'restore pet'],
  ['route-ct-dose-page', 'exclude sop-class'], ['route-ct-survey-sc', 'exclude sop-class'],
  ['odd-truncated-pixels', 'exclude no-pixels'], ['odd-mr-no-pixeldata', 'exclude no-pixels'],
  ['ts-ct-jpeg-baseline8', 'exclude bits'], ['mf-ct-enhanced', 'exclude color'],
  ['route-ct-localizer', 'exclude localizer'], ['px-overlay-12', 'exclude reformat'],
  ['route-mr-adc', 'exclude map'], ['mf-mr-philips-b0map', 'exclude map'], ['route-mr-phase', 'exclude complex'],
  ['ts-mr-explicit-le', 'exclude secondary'], ['odd-padded-pixels', 'exclude secondary'],
  ['ts-ct-j2k-lossy', 'exclude derived'], ['ts-ct-jpegls-near', 'exclude derived'],
  ['route-pet-jpegll-b', 'exclude pet-uncorrected'], ['route-pet-nac', 'exclude pet-units'],
  ['mf-ct-odd-23x38-a', 'exclude value-scale'], ['mf-ct-legacy-converted', 'exclude value-scale'],
  ['mf-mr-siemens-xa10', 'exclude mr-echo-planar-enhanced'],
  ['obj-cr-extremity', 'forward everything-else'], ['obj-sr-comprehensive', 'forward everything-else'],
  ['obj-nm-multiframe', 'forward everything-else'], ['px-1bit-seg', 'forward everything-else'],
  ['odd-pdf', 'forward everything-else'], ['cs-ja-multi', 'forward everything-else'],
];

describe.skipIf(sharedData === undefined)(`the rules as shipped${withoutSharedData}`, () => {
  test.for(zoo)('%s: %s', ([file, decision]) => {
    expect(inWords(decide(summariseSeries([receivedFile('zoo', `${file}.dcm`)]), rules))).toBe(decision);
  });

  test.for([
    { modality: 'CT', instances: 30, rule: 'ct' },
    { modality: 'MR', instances: 30, rule: 'mr' },
    { modality: 'PT', instances: 135, rule: 'pet' },
  ])('restore a whole $modality series of $instances instances', ({ modality, instances, rule }) => {
    const files = readdirSync(join(sharedData ?? '', 'series', modality)).filter((name) => name.endsWith('.dcm'));
    const summary = summariseSeries(files.map((file) => receivedFile('series', modality, file)));

    expect(summary).toMatchObject({ instances, findings: [] });
    expect(inWords(decide(summary, rules))).toBe(`restore ${rule}`);
  });
});

describe.skipIf(sharedData === undefined)(`rules that accept derived and secondary images${withoutSharedData}`, () => {
  test('restore the crops of the soft tissue sarcoma PET, which are labelled so', () => {
    const folder = join('val', 'PT', 'PT0103');
    const files = readdirSync(join(sharedData ?? '', folder)).filter((name) => name.endsWith('.dcm'));
    const { findings } = summariseSeries(files.map((file) => receivedFile(folder, file)));

    expect(findings.map(({ reason }) => reason)).toEqual(['secondary', 'derived']);
  });
});
