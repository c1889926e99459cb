import type { Parameter } from '../../src/model/net/parameter.ts';
import { modelParameters } from '../../src/model/net/parameters.ts';
import { createPhilox } from '../../src/model/philox.ts';
import type { ModelShape } from '../../src/model/presets.ts';
import type { HostTensor } from '../../src/model/safetensors.ts';

/** Keeps the variance through a layer with leaky units: the signal reaches the chain's end, many codes are chosen. */
const chainGain = 2.4;

/** Random tensors for every parameter of a model: for tests of the arithmetic alone, they restore nothing. */
export function fillParameters(model: ModelShape, seed: number): Map<string, HostTensor> {
  return new Map(modelParameters(model).map((parameter, index) => [parameter.name, fill(parameter, seed, index)]));
}

function fill({ name, shape, init }: Parameter, seed: number, index: number): HostTensor {
  const values = uniform(
    shape.reduce((product, size) => product * size, 1),
    seed,
    index,
  );
  if (init.kind === 'values') return { shape, data: Float32Array.from(init.values) };
  if (init.kind === 'kaiming-uniform') {
    const bound = (name.startsWith('dm.') ? chainGain : 1) / Math.sqrt(init.fanIn);
    return { shape, data: values.map((value) => value * bound) };
  }
  if (init.kind === 'ones') return { shape, data: values.map((value) => 1 + 0.2 * value) };
  if (init.kind === 'zeros') return { shape, data: values.map((value) => 0.2 * value) };
  return { shape, data: values.map((value) => 0.2 * value).fill(0, 0, shape[1]) }; // a codebook: code 0 is zero
}

/** Values in (−1, 1); equal seed and index give equal values. */
export function uniform(count: number, seed: number, index = 0): Float32Array {
  const words = createPhilox([seed, index]);
  return Float32Array.from({ length: count }, (_, at) => ((words(at, 0, 0, 0)[0] ?? 0) + 0.5) * 2 ** -31 - 1);
}

/** Tensors as a training starts with them: what is zero at the start is zero here. */
export function freshParameters(model: ModelShape, seed: number): Map<string, HostTensor> {
  const filled = fillParameters(model, seed);
  for (const { name, shape, init } of modelParameters(model)) {
    const { data } = filled.get(name) ?? { data: new Float32Array() };
    if (init.kind === 'zeros') filled.set(name, { shape, data: data.fill(0) });
    if (init.kind === 'ones') filled.set(name, { shape, data: data.fill(1) });
  }
  return filled;
}
