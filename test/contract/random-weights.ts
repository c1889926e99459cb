import type { Parameter } from '../../src/model/net/parameter.ts';
import { modelParameters } from '../../src/model/net/parameters.ts';
import { createPhilox } from '../../src/model/philox.ts';
import type { ModelShape } from '../../src/model/presets.ts';
import type { HostTensor } from '../../src/model/safetensors.ts';

/** Random tensors for every parameter of a model: for tests of the arithmetic alone, they restore nothing. */
export function fillParameters(model: ModelShape, seed: number): Map<string, HostTensor> {
  return new Map(modelParameters(model).map((parameter, index) => [parameter.name, fill(parameter, seed, index)]));
}

function fill({ shape, init }: Parameter, seed: number, index: number): HostTensor {
  const values = uniform(
    shape.reduce((product, size) => product * size, 1),
    seed,
    index,
  );
  if (init.kind === 'values') return { shape, data: Float32Array.from(init.values) };
  if (init.kind === 'kaiming-uniform') return { shape, data: values.map((value) => value / Math.sqrt(init.fanIn)) };
  if (init.kind === 'ones') return { shape, data: values.map((value) => 1 + 0.2 * value) };
  if (init.kind === 'zeros') return { shape, data: values.map((value) => 0.5 * value) };
  return { shape, data: values.fill(0, 0, shape[1]) }; // a codebook: code 0 is the zero vector
}

/** Values in (−1, 1); equal seed and index give equal values. */
export function uniform(count: number, seed: number, index = 0): Float32Array {
  const words = createPhilox([seed, index]);
  return Float32Array.from({ length: count }, (_, at) => ((words(at, 0, 0, 0)[0] ?? 0) + 0.5) * 2 ** -31 - 1);
}
