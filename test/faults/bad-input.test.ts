import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readString } from '../../src/dicom/element-values.ts';
import { parsePart10 } from '../../src/dicom/part10.ts';
import { tagOfKeyword, tags } from '../../src/dicom/tags.ts';
import { ablations, type ModelShape, presets } from '../../src/model/presets.ts';
import { tasks } from '../../src/model/tasks.ts';
import { writeWeights } from '../../src/model/weights.ts';
import { changedFile } from '../builders/changed-file.ts';
import { numbers, text } from '../builders/source-instance.ts';
import { freshParameters } from '../contract/random-weights.ts';
import { dcmtkMissing, Storescp } from '../peers/dcmtk.ts';
import { demoFiles } from '../peers/flow.ts';
import {
  freePort,
  NodeProcess,
  readLedger,
  runCli,
  type Sums,
  waitFor,
  waitForLedger,
  writeConfig,
} from '../peers/node-process.ts';
import { runTool } from '../peers/run-tool.ts';
import { SmallDisk } from './small-disk.ts';

const model: ModelShape = { preset: presets.micro8, ablation: ablations.full };

/** Weights that are sound and restore nothing: what is told here is told before anything is restored. */
const untrained = writeWeights(model, 'restore', freshParameters(model, 1), { tasks, notes: {} });

const rules = ['CT', 'MR', 'PT'].map((Modality, index) => ({
  name: `restore-${Modality}`,
  match: { Modality },
  do: 'restore',
  task: ['ct-denoising', 'mri-super-resolution', 'pet-synthesis'][index],
  originals: ['pacs'],
  restored: ['pacs'],
}));

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
  writeFileSync(join(folder, 'untrained.safetensors'), untrained);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** The configuration of a node with these weights and one destination. */
function configure(port: number, pacsPort: number, node: Readonly<Record<string, unknown>> = {}): string {
  const weights = join(folder, 'untrained.safetensors');
  const destinations = { pacs: { aeTitle: 'PEER', host: '127.0.0.1', port: pacsPort } };
  return writeConfig(folder, port, { node: { model: { weights }, ...node }, destinations, rules });
}

describe('serve does not start, and says why, with', () => {
  test('YAML that is broken: exit code 3, file, line and column', () => {
    const config = configure(1, 2);
    writeFileSync(join(config, 'rules.yaml'), '- name: all\n  do: forward\n   originals: [pacs]\n');

    const { status, stderr } = runCli(['serve', '--config', config]);

    expect(status).toBe(3);
    expect(stderr).toMatch(/rules\.yaml:2:\d+/);
  });

  test.for([
    { name: 'a weights file that is missing', code: 'MODEL_WEIGHTS_MISSING', damage: () => undefined },
    { name: 'a weights file of other bytes', code: 'MODEL_WEIGHTS_DIGEST', damage: lastByteChanged },
    { name: 'a weights file that is cut', code: 'MODEL_WEIGHTS_UNREADABLE', damage: cut },
  ])('$name: exit code 5 and $code', ({ code, damage }) => {
    const config = configure(1, 2);
    const file = join(folder, 'untrained.safetensors');
    const damaged = damage(readFileSync(file));
    if (damaged === undefined) rmSync(file);
    else writeFileSync(file, damaged);

    const { status, stderr } = runCli(['serve', '--config', config]);

    expect(status).toBe(5);
    expect(stderr).toContain(code);
    expect(stderr).not.toContain(folder);
  });
});

function lastByteChanged(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]);
}

function cut(bytes: Buffer): Buffer {
  return bytes.subarray(0, -4);
}

describe.skipIf(dcmtkMissing !== undefined)('a node that runs', () => {
  test.for([
    {
      name: 'a series with an object without pixels is not restored, and its originals go on',
      reason: /no-pixels/,
      series: () => [changedFile(first('CT'), () => [{ tag: tagOfKeyword('PixelData'), remove: true }])],
    },
    {
      name: 'a series that mixes sizes is not restored, and its originals go on',
      reason: /mixed-series/,
      series: () => {
        const [one = '', ...others] = demoFiles('PT');
        return [changedFile(one, () => [numbers('Rows', 64)]), ...others.map((file) => readFileSync(file))];
      },
    },
  ])('$name', async ({ reason, series }) => {
    const objects = series();
    await withNode({}, async (node) => {
      expect(await node.send(objects)).toBe(0);
      const sums = await node.settled(objects.length);
      expect(sums).toMatchObject({ excluded: objects.length, acknowledged: objects.length, derived: 0 });
      await waitFor(() => reason.test(node.log()), 5_000, 'the line that says why');
    });
  });

  test('two objects of one UID: the second is answered with a failure and kept aside, the first goes on', async () => {
    const [one = '', two = ''] = demoFiles('PT');
    const uid = readString(parsePart10(readFileSync(one)).dataSet, tags.SopInstanceUid) ?? '';
    const other = changedFile(two, () => [text('SOPInstanceUID', uid)]);

    await withNode({}, async (node) => {
      expect(await node.send([readFileSync(one)])).toBe(0);
      expect(await node.send([other])).not.toBe(0);
      const sums = await waitForLedger(node.config, ({ acknowledged }) => acknowledged === 1, 20_000);
      expect(sums).toMatchObject({ received: 2, quarantined: 1, conflicts: 1, due: 1 });
    });
  });

  test('an association that is aborted after its answers: what was answered goes on', async () => {
    await withNode({}, async (node) => {
      await node.send([readFileSync(first('PT'))], '--abort');
      const sums = await waitForLedger(node.config, ({ acknowledged }) => acknowledged === 1, 20_000);
      expect(sums).toMatchObject({ received: 1, due: 1 });
    });
  });

  test('a disk that is full puts the modality off, and takes the object once there is space', async (context) => {
    const mounted = SmallDisk.mount(8);
    if (typeof mounted === 'string') return context.skip(mounted);
    using disk = mounted;
    const filler = join(disk.folder, 'filler');
    const spool = { folder: join(disk.folder, 'spool'), highMark: 0.9, lowMark: 0.8 };

    await withNode({ spool }, async (node) => {
      writeFileSync(filler, Buffer.alloc(7_800_000));
      expect(await node.send([readFileSync(first('PT'))])).not.toBe(0);
      expect(readLedger(node.config)).toMatchObject({ received: 0, due: 0 });
      rmSync(filler);
      expect(await node.send([readFileSync(first('PT'))])).toBe(0);
      await waitForLedger(node.config, ({ acknowledged }) => acknowledged === 1, 20_000);
    });
  });
});

function first(modality: 'CT' | 'MR' | 'PT'): string {
  return demoFiles(modality)[0] ?? '';
}

interface Running {
  readonly config: string;
  readonly log: () => string;
  /** Sends objects over one association; resolves to the modality's exit code. */
  send(objects: readonly Buffer[], ...options: readonly string[]): Promise<number>;
  settled(received: number): Promise<Sums>;
}

/** Runs a node with a destination that takes everything; stops both afterwards. */
async function withNode(settings: Readonly<Record<string, unknown>>, work: (node: Running) => Promise<void>) {
  await using pacs = await Storescp.start('+xa');
  const port = await freePort();
  const config = configure(port, pacs.port, settings);
  const node = await NodeProcess.start(config);
  const send = async (objects: readonly Buffer[], ...options: readonly string[]): Promise<number> => {
    const files = objects.map((bytes, index) => {
      const file = join(folder, `${index}.dcm`);
      writeFileSync(file, bytes);
      return file;
    });
    const words = ['-v', ...options, '-aec', 'DIFFCODE', '-xt', '127.0.0.1', String(port), ...files];
    return (await runTool('storescu', words)).exitCode;
  };
  const settled = (received: number) =>
    waitForLedger(
      config,
      (sums) => sums.received === received && sums.inProgress + sums.waiting + sums.sending === 0,
      20_000,
    );
  try {
    await work({ config, log: () => node.log, send, settled });
    expect(node.running).toBe(true);
  } finally {
    await node.kill();
  }
}
