import { expect, test } from 'vitest';
import type { Elements } from '../../test/builders/data-set.ts';
import { ct, received } from '../../test/builders/images.ts';
import { parseConfig } from '../config/parse.ts';
import { checkCel } from './cel.ts';
import { decide, forwardOnArrival } from './decide.ts';
import { explainSeries } from './explain.ts';
import { compileRules } from './rules.ts';
import { summariseInstance, summariseSeries } from './summarise.ts';

const texts = {
  'node.yaml': "windows: { nights: { from: '22:00', to: '06:00', timezone: UTC } }",
  'destinations.yaml': 'pacs: { aeTitle: PACS, host: 127.0.0.1, port: 104 }',
  'rules.yaml': `
- { name: early, when: instance, do: forward, originals: [pacs] }
- { name: phantom, match: { PatientID: PHANTOM }, do: exclude }
- { name: thick, match: { SliceThickness: { min: 4 } }, do: forward, originals: [pacs] }
- name: ct
  match: { Modality: CT }
  do: restore
  task: ct-denoising
  originals: [pacs]
  restored: [pacs]
  window: nights
  accept: [lossy]
- { name: research, match: { Modality: [MR, PT] }, do: quarantine }
`,
};
const rules = compileRules(parseConfig(texts, { folder: '/', checkExpression: checkCel }).rules);

function explained(object: Elements): string {
  const summary = summariseSeries([received(object)]);
  const onArrival = forwardOnArrival(summariseInstance(received(object)), rules);
  return explainSeries({ seriesInstanceUid: '2.25.2', summary, decision: decide(summary, rules), onArrival });
}

test('a series that is restored is told with its task, its window, what was accepted and every reason', () => {
  expect(explained({ ...ct, PatientID: 'DCTEST-0001', LossyImageCompression: '01' })).toBe(
    `
series 2.25.2 (CT, 1 instance)
  restored by ct-denoising in window nights (rule ct): restored to pacs, originals to pacs
    accepted lossy: LossyImageCompression (0028,2110) is 01: the noise is gone and blocks are there
  on arrival, by rule early: to pacs
  not phantom: PatientID is DCTEST-0001, not PHANTOM
  not thick: SliceThickness is 3, not at least 4
`.trim(),
  );
});

test('a series that is excluded is told with the test, the element, the value, and the key that would allow it', () => {
  expect(explained({ ...ct, ImageType: ['DERIVED', 'PRIMARY', 'AXIAL'] })).toContain(
    `
  excluded as derived (rule ct): originals to pacs
    derived: ImageType (0008,0008) is DERIVED\\PRIMARY\\AXIAL: value 1 is DERIVED
    a rule that says accept: [derived] would restore it
`.trim(),
  );
});

test('a series that no rule can allow is told without such a key', () => {
  expect(explained({ ...ct, ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] })).not.toContain('accept');
});

test.for([
  { name: 'forwarded', object: { ...ct, SliceThickness: 5 }, line: 'forwarded (rule thick): originals to pacs' },
  {
    name: 'excluded by a rule',
    object: { ...ct, PatientID: 'PHANTOM' },
    line: 'excluded (rule phantom): nothing is sent',
  },
  {
    name: 'quarantined by a rule',
    object: { ...ct, Modality: 'PT' },
    line: 'quarantined (rule research): nothing is sent',
  },
  {
    name: 'matched by no rule',
    object: { ...ct, Modality: 'US' },
    line: 'quarantined (no rule matches): nothing is sent',
  },
])('a series that is $name is told so', ({ object, line }) => {
  expect(explained(object).split('\n')[1]?.trim()).toBe(line);
});
