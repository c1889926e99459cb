import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Executor, Tensor } from '../../src/model/executors/executor.ts';
import { createOnnxExecutor } from '../../src/model/executors/onnx.ts';
import type { Graph } from '../../src/model/ops.ts';
import { marginLimit, quantisePath } from '../../src/model/residual-quantizer.ts';
import type { HostTensor } from '../../src/model/safetensors.ts';
import { largestDifference, outputOf, portableEngines, randomTensor } from './executors.ts';
import { uniform } from './random-weights.ts';
import { evaluate } from './reference-ops.ts';

function quantizerGraph(latent: number, depth: number): Graph {
  return {
    name: 'quantizer',
    build: (ops) => {
      const z = ops.input('z', ['n', latent, 'h', 'w']);
      const { codes, quantised, partials } = ops.quantize(z, ops.param('codebook.ct'), depth);
      ops.output('codes', codes);
      ops.output('quantised', quantised);
      ops.output('partials', partials);
    },
  };
}

function codebook(rows: number, latent: number, seed: number): HostTensor {
  return { shape: [rows, latent], data: uniform(rows * latent, seed).fill(0, 0, latent) };
}

async function quantise(
  executor: Executor,
  z: Tensor,
  rows: HostTensor,
  depth: number,
): Promise<Record<'codes' | 'quantised' | 'partials', Tensor>> {
  const graph = quantizerGraph(z.dims[1] ?? 0, depth);
  const program = await executor.prepare(graph, new Map([['codebook.ct', rows]]));
  const outputs = await program.run({ z });
  await program.release();
  return {
    codes: outputOf(outputs, 'codes'),
    quantised: outputOf(outputs, 'quantised'),
    partials: outputOf(outputs, 'partials'),
  };
}

/** The latent vector of a position, from NCHW. */
function vectorAt({ dims, data }: Tensor, position: number): number[] {
  const [, latent = 0, height = 0, width = 0] = dims;
  const plane = height * width;
  const first = Math.floor(position / plane) * latent * plane + (position % plane);
  return Array.from({ length: latent }, (_, channel) => data[first + channel * plane] ?? 0);
}

/** Positions whose first differing code is not excused by the float64 margin (model-spec.md 2.4). */
function wrongPositions(z: Tensor, codes: ArrayLike<number>, rows: HostTensor, depth: number): number[] {
  const [n = 0, , height = 0, width = 0] = z.dims;
  return Array.from({ length: n * height * width }, (_, position) => position).filter((position) => {
    const latent = vectorAt(z, position);
    const truth = quantisePath(latent, rows, depth);
    const differs = truth.codes.findIndex((code, round) => code !== codes[position * depth + round]);
    return differs >= 0 && (truth.margins[differs] ?? 0) > marginLimit(latent);
  });
}

describe.each(portableEngines)('$name', ({ open }) => {
  test('chooses the codes that float64 chooses, and sums their rows', async () => {
    const [z, rows] = [randomTensor([2, 8, 5, 7], 1), codebook(64, 8, 2)];

    const { codes, quantised, partials } = await quantise(await open(), z, rows, 4);

    const exact = evaluate(quantizerGraph(8, 4), new Map([['codebook.ct', rows]]), { z });
    expect(codes.dims).toEqual([2, 5, 7, 4]);
    expect([...codes.data]).toEqual([...outputOf(exact, 'codes').data]);
    expect(largestDifference(quantised.data, outputOf(exact, 'quantised').data)).toBeLessThan(1e-6);
    expect(partials.dims).toEqual([4, 2, 8, 5, 7]);
    expect(largestDifference(partials.data, outputOf(exact, 'partials').data)).toBeLessThan(1e-6);
  });

  test('takes the lowest index where several rows are equal', async () => {
    const data = new Float32Array(64 * 4);
    for (let row = 1; row < 64; row++) data.fill(1 + (row % 4), row * 4, row * 4 + 4); // rows 1, 5, 9 … are equal
    const z: Tensor = { dims: [1, 4, 1, 4], data: Float32Array.from({ length: 16 }, (_, i) => 1 + (i % 4)) };

    const { codes } = await quantise(await open(), z, { shape: [64, 4], data }, 2);

    expect([...codes.data]).toEqual([4, 0, 1, 0, 2, 0, 3, 0]);
  });

  test('any latents and any codebook give codes that only a float64 tie may change', async () => {
    const executor = await open();
    const property = fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        depth: fc.integer({ min: 1, max: 8 }),
        latent: fc.integer({ min: 1, max: 12 }),
        height: fc.integer({ min: 1, max: 6 }),
        width: fc.integer({ min: 1, max: 6 }),
        rows: fc.integer({ min: 2, max: 80 }),
        scale: fc.constantFrom(1e-3, 0.3, 1, 30),
      }),
      async ({ seed, depth, latent, height, width, rows, scale }) => {
        const random = randomTensor([1, latent, height, width], seed);
        const z = { ...random, data: Float32Array.from(random.data, (value) => value * scale) };
        const book = codebook(rows, latent, seed + 1);
        const { codes } = await quantise(executor, z, book, depth);
        expect(wrongPositions(z, codes.data, book, depth)).toEqual([]);
      },
    );
    await fc.assert(property, { seed: 20_250_726, numRuns: 25 });
  });
});

test('a codebook too large for a Gram table gives the same codes by single rounds', async () => {
  const [z, rows] = [randomTensor([1, 4, 3, 5], 5), codebook(4_100, 4, 6)];

  const { codes } = await quantise(createOnnxExecutor('onnx-cpu', 1), z, rows, 3);

  expect(wrongPositions(z, codes.data, rows, 3)).toEqual([]);
});
