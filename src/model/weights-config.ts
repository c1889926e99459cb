import { ModelError } from './errors.ts';
import { expertCount } from './net/task-routing.ts';
import { type Ablation, isPresetName, type ModelShape, type Preset, presets } from './presets.ts';
import { betaRange, diffusionSteps } from './schedule.ts';
import { inputScales, isTask, type Task } from './tasks.ts';

/** Version of the weights file (model-spec.md 5). */
const weightsFormat = 'diffcode-1';

/** The metadata that follow from the model alone; a trainer copies them into the file. model-spec.md 5. */
export function modelMetadata(model: ModelShape): Record<'format' | 'preset' | 'config' | 'input', string> {
  return {
    format: weightsFormat,
    preset: model.preset.name,
    config: configText(model),
    input: canonicalJson(inputSettings),
  };
}

/** How slices become network input (model-spec.md 2.8): ranges, gain and offset, MR's rule, tiles, air. */
const inputSettings = {
  aircrop: false,
  scales: inputScales,
  ranges: {
    'ct-denoising': [-1024, 3071],
    'mri-super-resolution': 'p99.9 of positive values, maximum if at most twice that, else twice that',
    'pet-synthesis': [0, 20],
  },
  tile: { above: 1024 * 1024, size: 512, overlap: 64 },
};

/** Canonical JSON of all hyper-parameters: keys sorted, no spaces. */
function configText({ preset, ablation }: ModelShape): string {
  return canonicalJson({
    ch: preset.channels,
    nb: preset.blocks,
    d: preset.latent,
    K: preset.codes,
    D: preset.depth,
    E: expertCount,
    T: diffusionSteps,
    beta: betaRange,
    eta: 0,
    ablation: { ...ablation },
    head: 'x0',
  });
}

/** The model that a file was trained as. Throws ModelError MODEL_WEIGHTS_FORMAT · MODEL_WEIGHTS_CONFIG */
export function readModelShape(metadata: ReadonlyMap<string, string>): ModelShape {
  const format = metadata.get('format') ?? 'none';
  if (format !== weightsFormat) throw new ModelError('MODEL_WEIGHTS_FORMAT', { format, known: weightsFormat });
  const config = parseObject(metadata, 'config');
  const name = metadata.get('preset') ?? '';
  if (name !== 'custom' && !isPresetName(name)) throw configError('preset', name);
  const preset = name === 'custom' ? readCustomPreset(config) : presets[name];
  const model = { preset, ablation: readAblation(config['ablation']) };
  if (canonicalJson(config) !== configText(model)) throw configError('config', configText(model));
  refuseOtherInput(metadata);
  return model;
}

/** Tasks that the file was trained for. Throws ModelError MODEL_WEIGHTS_CONFIG */
export function readTasks(metadata: ReadonlyMap<string, string>): readonly Task[] {
  const listed = parse(metadata, 'tasks');
  if (!Array.isArray(listed)) throw configError('tasks', 'a JSON list');
  return listed.map((task) => {
    if (typeof task !== 'string' || !isTask(task)) throw configError('tasks', String(task));
    return task;
  });
}

/** Gain and offset are constants of the graphs: a file trained with others would be misread. */
function refuseOtherInput(metadata: ReadonlyMap<string, string>): void {
  const input = parseObject(metadata, 'input');
  if (canonicalJson(input['scales']) !== canonicalJson(inputScales)) throw configError('input.scales', 'these gains');
  if (input['aircrop'] !== false) throw configError('input.aircrop', 'false');
}

function readCustomPreset(config: Record<string, unknown>): Preset {
  const { ch, nb, d, K, D } = config;
  if (!isFour(ch) || !isFour(nb)) throw configError('config', 'four widths and four block counts');
  if (!isCount(d) || !isCount(K) || !isCount(D)) throw configError('config', 'd, K and D');
  return { name: 'custom', channels: ch, blocks: nb, latent: d, codes: K, depth: D };
}

function readAblation(value: unknown): Ablation {
  if (!isRecord(value)) throw configError('config.ablation', 'an object');
  const { prior, diffusion, tars, bank, topk } = value;
  const switches = typeof prior === 'boolean' && typeof diffusion === 'boolean' && typeof tars === 'boolean';
  const isBank = bank === 'task' || bank === 'single' || bank === 'single3';
  const isTopk = topk === 1 || topk === 2 || topk === 3;
  if (!switches || !isBank || !isTopk) throw configError('config.ablation', 'prior, diffusion, tars, bank, topk');
  return { prior, diffusion, tars, bank, topk };
}

function parseObject(metadata: ReadonlyMap<string, string>, key: string): Record<string, unknown> {
  const value = parse(metadata, key);
  if (!isRecord(value)) throw configError(key, 'a JSON object');
  return value;
}

function parse(metadata: ReadonlyMap<string, string>, key: string): unknown {
  try {
    return JSON.parse(metadata.get(key) ?? '');
  } catch (cause) {
    throw new ModelError('MODEL_WEIGHTS_CONFIG', { key, expected: 'JSON' }, { cause });
  }
}

function configError(key: string, expected: string): ModelError {
  return new ModelError('MODEL_WEIGHTS_CONFIG', { key, expected });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isFour(value: unknown): value is [number, number, number, number] {
  return Array.isArray(value) && value.length === 4 && value.every(isCount);
}

/** JSON with the keys of every object sorted and no spaces. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sortedKeys(part) : part));
}

function sortedKeys(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
