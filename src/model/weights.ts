import { ModelError } from './errors.ts';
import type { Parameter } from './net/parameter.ts';
import { modelParameters } from './net/parameters.ts';
import { route } from './net/task-routing.ts';
import type { ModelShape } from './presets.ts';
import { type HostTensor, readSafetensors, type Safetensors, sha256, writeSafetensors } from './safetensors.ts';
import { byTask, type Task, tasks } from './tasks.ts';
import { modelMetadata, readModelShape, readTasks } from './weights-config.ts';

/** What a file holds: all; all but E_vq; also without experts that no task selects. model-spec.md 5. */
const weightForms = ['train', 'restore', 'slim'] as const;
export type WeightForm = (typeof weightForms)[number];

/** One trained model in memory, float32, checked against its own configuration. */
export interface Weights {
  /** SHA-256 of the file, hexadecimal. */
  readonly digest: string;
  readonly form: WeightForm;
  readonly model: ModelShape;
  readonly tasks: readonly Task[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, HostTensor>;
}

/**
 * Reads a weights file. `expectedDigest` is the one of `weights/index.json` or the model card.
 * Throws ModelError MODEL_WEIGHTS_DIGEST · _UNREADABLE · _NOT_FINITE · _FORMAT · _CONFIG · _TENSORS
 */
export function readWeights(bytes: Uint8Array, expectedDigest?: string): Weights {
  const digest = sha256(bytes);
  if (expectedDigest !== undefined && expectedDigest !== digest) {
    throw new ModelError('MODEL_WEIGHTS_DIGEST', { of: 'file', expected: expectedDigest, found: digest });
  }
  const file = readSafetensors(bytes);
  refuseOtherTensors(file);
  const model = readModelShape(file.metadata);
  const form = readForm(file.metadata);
  compareTensors(model, form, file.tensors);
  const { metadata, tensors } = file;
  return { digest, form, model, tasks: readTasks(metadata), metadata, tensors };
}

/** What is written besides the tensors; `trained`, `metrics` and `ood` are JSON texts of the trainer. */
export interface WeightsNotes {
  readonly tasks: readonly Task[];
  readonly notes: Readonly<Partial<Record<'trained' | 'metrics' | 'ood' | 'license', string>>>;
}

/**
 * Writes a form of a model's tensors: F16 for two and more dimensions but for statistics, F32 for the rest; `train`
 * is F32 throughout. Tensors that the form leaves out may be given. Throws ModelError MODEL_WEIGHTS_TENSORS
 */
export function writeWeights(
  model: ModelShape,
  form: WeightForm,
  tensors: ReadonlyMap<string, HostTensor>,
  { tasks: trainedTasks, notes }: WeightsNotes,
): Buffer {
  const kept = new Map(formTensors(model, form).flatMap(({ name }) => entryOf(tensors, name)));
  compareTensors(model, form, kept);
  const metadata = { ...modelMetadata(model), form, tasks: JSON.stringify(trainedTasks), ...notes };
  return writeSafetensors(kept, metadata, (name, { shape }) =>
    form === 'train' || shape.length < 2 || isStatistic(name) ? 'F32' : 'F16',
  );
}

function entryOf(tensors: ReadonlyMap<string, HostTensor>, name: string): [string, HostTensor][] {
  const tensor = tensors.get(name);
  return tensor === undefined ? [] : [[name, tensor]];
}

function isStatistic(name: string): boolean {
  return /^(latent|ood|gate)\./.test(name);
}

/** The tensors of a form, in file order. */
export function formTensors(model: ModelShape, form: WeightForm): Parameter[] {
  const all = modelParameters(model);
  if (form === 'train') return all;
  const restoring = all.filter(({ name }) => !name.startsWith('evq.'));
  return form === 'restore' ? restoring : restoring.filter(({ name }) => !isUnselectedExpert(name, model));
}

function isUnselectedExpert(name: string, model: ModelShape): boolean {
  const [, expert] = /\.expert\.(\d)\./.exec(name) ?? [];
  const selected = tasks.flatMap((task) => route(task, model.ablation.topk).experts);
  return expert !== undefined && !selected.includes(Number(expert));
}

/** Rows of the gate matrix by task, where the file has one: they choose the experts. */
export function gateRows({ tensors }: Weights): Record<Task, readonly number[]> | undefined {
  const gate = tensors.get('gate.matrix');
  if (gate === undefined) return undefined;
  const width = gate.data.length / tasks.length;
  return byTask((index) => [...gate.data.subarray(index * width, (index + 1) * width)]);
}

function readForm(metadata: ReadonlyMap<string, string>): WeightForm {
  const form = weightForms.find((known) => known === metadata.get('form'));
  if (form === undefined)
    throw new ModelError('MODEL_WEIGHTS_CONFIG', { key: 'form', expected: weightForms.join(', ') });
  return form;
}

function refuseOtherTensors({ metadata, tensorsDigest }: Safetensors): void {
  const expected = metadata.get('tensors.sha256');
  if (expected === undefined || expected === tensorsDigest) return;
  throw new ModelError('MODEL_WEIGHTS_DIGEST', { of: 'tensors', expected, found: tensorsDigest });
}

function compareTensors(model: ModelShape, form: WeightForm, tensors: ReadonlyMap<string, HostTensor>): void {
  const expected = formTensors(model, form === 'slim' ? 'restore' : form);
  const known = new Set(expected.map(({ name }) => name));
  const extra = [...tensors.keys()].find((name) => !known.has(name));
  if (extra !== undefined) throw new ModelError('MODEL_WEIGHTS_TENSORS', { extra });
  for (const parameter of expected) {
    const found = tensors.get(parameter.name);
    if (found !== undefined) refuseOtherShape(parameter, found);
    else if (form === 'train' || !isUnselectedExpert(parameter.name, model)) {
      throw new ModelError('MODEL_WEIGHTS_TENSORS', { missing: parameter.name });
    }
  }
}

function refuseOtherShape({ name, shape }: Parameter, { shape: found }: HostTensor): void {
  if (shape.join('×') === found.join('×')) return;
  throw new ModelError('MODEL_WEIGHTS_TENSORS', { tensor: name, expected: shape.join('×'), found: found.join('×') });
}
