import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from './canonical-json.ts';
import type { Task } from './codes.ts';

/**
 * Raised with every change of the program that alters output pixels, and only then: all derived UIDs change with it.
 */
export const pipelineVersion = 1;

/** All that decides the pixels of a derived series besides its source. derived-objects.md 1.1. */
export interface Recipe {
  /** Series-level values that reach the pixels: none for CT and PET, the scale for MR (derived-objects.md 5.3). */
  readonly context: { readonly scale?: number };
  /** 1; raised only by an operator's explicit redo. */
  readonly issue: number;
  /** `pipelineVersion` of the program that made the pixels. */
  readonly pipeline: number;
  /** Digest of the settings that reach the pixels, from `settingsDigest`. */
  readonly settings: string;
  readonly task: Task;
  /** SHA-256 of the weights file, 64 hexadecimal digits. */
  readonly weights: string;
}

/** SHA-256 of the recipe's canonical JSON, 64 hexadecimal digits: a field of every derived UID. */
export function recipeDigest(recipe: Recipe): string {
  const { issue, pipeline, settings, task, weights } = recipe;
  return sha256(canonicalJson({ context: contextJson(recipe), issue, pipeline, settings, task, weights }));
}

/** SHA-256 of the canonical JSON of the settings that reach the pixels (steps, seed, tiling, scaling, blend). */
export function settingsDigest(settings: Json): string {
  return sha256(canonicalJson(settings));
}

/** The recipe's context as JSON; canonical JSON of it stands in Derivation Description. */
export function contextJson(recipe: Recipe): Json {
  return recipe.context.scale === undefined ? {} : { scale: recipe.context.scale };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
