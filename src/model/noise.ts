import { createHash } from 'node:crypto';
import { createPhilox, type PhiloxKey, type Words } from './philox.ts';
import { diffusionSteps } from './schedule.ts';

/** What the noise of one restored slice depends on. */
export interface NoiseIdentity {
  /** From configuration; 0 unless set. */
  readonly baseSeed: number;
  readonly sourceSopInstanceUid: string;
  /** 1-based. */
  readonly frame: number;
  /** 0 for the restoration, 0..7 for uncertainty. */
  readonly sample: number;
}

/** Part of a slice's latent grid: position in the padded slice, size, and channels. */
export interface LatentWindow {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** The Philox key of one slice: the first 8 bytes of a SHA-256 over its identity. model-spec.md 2.5. */
export function noiseKey({ baseSeed, sourceSopInstanceUid, frame, sample }: NoiseIdentity): PhiloxKey {
  return keyOfText(['diffcode-noise-v1', baseSeed, sourceSopInstanceUid, frame, sample].join('\n'));
}

/** First 8 bytes of the text's SHA-256 as two little-endian words. */
export function keyOfText(text: string): PhiloxKey {
  const digest = createHash('sha256').update(text, 'utf8').digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

/** x_T: standard normals `[1, d, h, w]` of a latent window, addressed by absolute position. */
export function startNoise(key: PhiloxKey, window: LatentWindow): Float32Array {
  return latentNormals(key, window, diffusionSteps);
}

/** n_t for t = 8..2, `[1, d, h, w]`; used when η is not 0. */
export function stepNoiseAt(key: PhiloxKey, window: LatentWindow, t: number): Float32Array {
  return latentNormals(key, window, 16 + t);
}

/** Channels 4b..4b+3 of a position come from the counter (x, y, b, q). Hot loop: no allocation inside. */
function latentNormals(key: PhiloxKey, window: LatentWindow, q: number): Float32Array {
  const { x, y, width, height, channels } = window;
  const words = createPhilox(key);
  const plane = width * height;
  const values = new Float32Array(channels * plane);
  for (let block = 0; block < channels / 4; block++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const at = 4 * block * plane + row * width + column;
        putNormals(values, at, plane, words(x + column, y + row, block, q));
      }
    }
  }
  return values;
}

/** Writes four normals, `stride` apart. */
function putNormals(values: Float32Array, at: number, stride: number, words: ReturnType<Words>): void {
  putPair(values, at, stride, words[0] ?? 0, words[1] ?? 0);
  putPair(values, at + 2 * stride, stride, words[2] ?? 0, words[3] ?? 0);
}

/** Box–Muller in float64, rounded to float32. */
function putPair(values: Float32Array, at: number, stride: number, a: number, b: number): void {
  const radius = Math.sqrt(-2 * Math.log((a + 0.5) * 2 ** -32));
  const angle = 2 * Math.PI * ((b + 0.5) * 2 ** -32);
  values[at] = radius * Math.cos(angle);
  values[at + stride] = radius * Math.sin(angle);
}
