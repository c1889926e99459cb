import type { Levels } from './net/levels.ts';

/** Hyper-parameters of one network size (model-spec.md 2.7). */
export interface Preset extends Levels {
  readonly name: PresetName | 'custom';
  /** d: channels of a latent. */
  readonly latent: number;
  /** K: vectors of one codebook. */
  readonly codes: number;
  /** D: rounds of residual quantization. */
  readonly depth: number;
}

export const presetNames = ['full', 'base32', 'small24', 'tiny16', 'micro8'] as const;
export type PresetName = (typeof presetNames)[number];

// biome-ignore format: one row per preset, as model-spec.md 2.7 prints it
export const presets: Readonly<Record<PresetName, Preset>> = {
  full:    { name: 'full',    channels: [64, 128, 256, 256], blocks: [2, 2, 4, 4], latent: 256, codes: 8192, depth: 8 },
  base32:  { name: 'base32',  channels: [32, 64, 128, 128],  blocks: [2, 2, 4, 4], latent: 128, codes: 2048, depth: 8 },
  small24: { name: 'small24', channels: [24, 48, 96, 96],    blocks: [1, 1, 2, 4], latent: 96,  codes: 1024, depth: 8 },
  tiny16:  { name: 'tiny16',  channels: [16, 32, 64, 64],    blocks: [1, 1, 2, 2], latent: 64,  codes: 512,  depth: 4 },
  micro8:  { name: 'micro8',  channels: [8, 16, 32, 32],     blocks: [1, 1, 1, 1], latent: 32,  codes: 256,  depth: 4 },
};

/** Which parts of the model are there (model-spec.md 2.10); part of the weights' metadata. */
export interface Ablation {
  /** Codebooks and the decoded reference. */
  readonly prior: boolean;
  /** The 8-step chain; without it E_lq's output is the latent. */
  readonly diffusion: boolean;
  /** Classifier and experts. */
  readonly tars: boolean;
  /** One codebook of K per task, one of K for all, or one of 3K for all. */
  readonly bank: 'task' | 'single' | 'single3';
  /** Experts in every TARM; the gate matrix is trained for 2 and 3. */
  readonly topk: 1 | 2 | 3;
}

export const ablationNames = ['V1', 'V2', 'V3', 'full'] as const;
export type AblationName = (typeof ablationNames)[number];

// biome-ignore format: one row per ablation, as model-spec.md 2.10 prints it
export const ablations: Readonly<Record<AblationName, Ablation>> = {
  V1:   { prior: false, diffusion: false, tars: false, bank: 'task', topk: 1 },
  V2:   { prior: false, diffusion: false, tars: true,  bank: 'task', topk: 1 },
  V3:   { prior: true,  diffusion: false, tars: true,  bank: 'task', topk: 1 },
  full: { prior: true,  diffusion: true,  tars: true,  bank: 'task', topk: 1 },
};

/** A network size together with the parts that are there: all that the graphs depend on. */
export interface ModelShape {
  readonly preset: Preset;
  readonly ablation: Ablation;
}

export function isPresetName(name: string): name is PresetName {
  return presetNames.some((known) => known === name);
}
