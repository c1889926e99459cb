import type { ModelShape } from '../presets.ts';
import { codebookNames, type Task, tasks } from '../tasks.ts';
import type { Parameter } from './parameter.ts';

/** The codebooks of the bank, `[K, d]` each; row 0 is the frozen zero vector. model-spec.md 2.4. */
export function codebookParameters({ preset, ablation }: ModelShape): Parameter[] {
  const rows = ablation.bank === 'single3' ? tasks.length * preset.codes : preset.codes;
  const names = new Set(tasks.map((task) => codebookName(task, ablation.bank)));
  return [...names].map((name) => ({ name, shape: [rows, preset.latent], init: { kind: 'k-means' } }));
}

/** Name of the codebook that a task's latents are quantized with. */
export function codebookName(task: Task, bank: ModelShape['ablation']['bank']): string {
  return bank === 'task' ? `codebook.${codebookNames[task]}` : 'codebook.all';
}
