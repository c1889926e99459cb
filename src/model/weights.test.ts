import { describe, expect, test } from 'vitest';
import { fillParameters } from '../../test/contract/random-weights.ts';
import { countValues } from './net/parameter.ts';
import { ablations, type ModelShape, presets } from './presets.ts';
import { type HostTensor, readSafetensors, writeSafetensors } from './safetensors.ts';
import { tasks } from './tasks.ts';
import { formTensors, readWeights, type WeightForm, writeWeights } from './weights.ts';
import { modelMetadata } from './weights-config.ts';

const micro: ModelShape = { preset: presets.micro8, ablation: ablations.full };
const tensors = fillParameters(micro, 1);
const notes = { tasks, notes: { license: 'CC0-1.0' } };

function fileOf(form: WeightForm = 'restore'): Buffer {
  return writeWeights(micro, form, tensors, notes);
}

function sameBits(a: Float32Array, b: Float32Array | undefined): boolean {
  return b !== undefined && Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}

/** A restore file with changed tensors or metadata, and the digest of its tensors made anew. */
function changedFile(change: (kept: Map<string, HostTensor>, metadata: Record<string, string>) => void): Buffer {
  const { tensors: kept, metadata } = readSafetensors(fileOf());
  const changedTensors = new Map(kept);
  const changedMetadata = Object.fromEntries(metadata);
  change(changedTensors, changedMetadata);
  return writeSafetensors(changedTensors, changedMetadata, () => 'F32');
}

/** A safetensors file with this header and data. */
function rawFile(header: object | string, data: Uint8Array): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

describe('writeWeights and readWeights', () => {
  test('give back the tensors: halves for weights, exact float32 for vectors and statistics', () => {
    const { tensors: read, model, form } = readWeights(fileOf());

    expect({ model, form }).toEqual({ model: micro, form: 'restore' });
    expect(read.get('bb.enc.level.0.block.0.beta')).toEqual(tensors.get('bb.enc.level.0.block.0.beta'));
    expect(read.get('latent.mean')).toEqual(tensors.get('latent.mean'));
    const rounding = Math.abs((read.get('dm.l1.weight')?.data[0] ?? 0) - (tensors.get('dm.l1.weight')?.data[0] ?? 0));
    expect(rounding).toBeLessThan(2 ** -12);
  });

  test('a training file is exact', () => {
    const { tensors: read } = readWeights(fileOf('train'));

    expect([...read.keys()]).toEqual([...tensors.keys()]);
    expect([...read].filter(([name, { data }]) => !sameBits(data, tensors.get(name)?.data))).toEqual([]);
  });

  // biome-ignore format: the figures of model-spec.md 2.7 and 5
  test.for([
    ['full', 32_041_349, 30_205_829], ['base32', 7_340_709, 6_877_605], ['small24', 3_397_581, 3_135_501],
    ['tiny16', 1_269_365, 1_151_477],
  ] as const)('%s holds %d values to restore, %d when slim', ([name, restore, slim]) => {
    const model = { preset: presets[name], ablation: ablations.full };
    const count = (form: WeightForm) => countValues(formTensors(model, form).filter((p) => !/^(gate|latent|ood)/.test(p.name)));

    expect({ restore: count('restore'), slim: count('slim') }).toEqual({ restore, slim });
  });

  test('a slim file lacks the shared expert, which one expert per module never selects', () => {
    const { tensors: read } = readWeights(fileOf('slim'));

    expect([...read.keys()].filter((name) => name.includes('expert.3'))).toEqual([]);
    expect([...read.keys()].some((name) => name.includes('expert.2'))).toBe(true);
  });

  test('reads bfloat16, which it never writes', () => {
    const file = rawFile({ a: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, Buffer.from('803f00c0', 'hex'));

    expect([...(readSafetensors(file).tensors.get('a')?.data ?? [])]).toEqual([1, -2]);
  });
});

describe('readWeights refuses', () => {
  const header = { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } };
  const four = Buffer.alloc(4);

  test.for([
    { name: 'an empty file', file: Buffer.alloc(0) },
    { name: 'a header longer than the file', file: Buffer.from('ff00000000000000', 'hex') },
    { name: 'a header of 2^60 bytes', file: Buffer.from('0000000000000010', 'hex') },
    { name: 'a header that is no JSON', file: rawFile('{', four) },
    { name: 'a header that is a list', file: rawFile('[]', four) },
    { name: 'data cut short', file: rawFile(header, Buffer.alloc(3)) },
    { name: 'data too long', file: rawFile(header, Buffer.alloc(5)) },
    { name: 'a shape that does not fit', file: rawFile({ a: { ...header.a, shape: [2] } }, four) },
    { name: 'an integer tensor', file: rawFile({ a: { ...header.a, dtype: 'I32' } }, four) },
    { name: 'negative offsets', file: rawFile({ a: { ...header.a, data_offsets: [-4, 0] } }, four) },
    { name: 'overlapping tensors', file: rawFile({ ...header, b: header.a }, four) },
    {
      name: 'a name given twice',
      file: rawFile(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        Buffer.alloc(8),
      ),
    },
    { name: 'metadata that are no strings', file: rawFile({ __metadata__: { format: 1 }, ...header }, four) },
  ])('$name', ({ file }) => {
    expect(() => readWeights(file)).toThrow(expect.objectContaining({ code: 'MODEL_WEIGHTS_UNREADABLE' }));
  });

  test('NaN in a tensor', () => {
    const file = rawFile(header, Buffer.from('0000c07f', 'hex'));

    expect(() => readWeights(file)).toThrow(expect.objectContaining({ code: 'MODEL_WEIGHTS_NOT_FINITE' }));
  });

  test('a file with another digest than published, and says both', () => {
    const refusal = { code: 'MODEL_WEIGHTS_DIGEST', details: expect.objectContaining({ expected: 'ab' }) };

    expect(() => readWeights(fileOf(), 'ab')).toThrow(expect.objectContaining(refusal));
  });

  test('a tensor changed after writing', () => {
    const file = fileOf();
    file.writeUInt8(file.readUInt8(file.length - 1) ^ 1, file.length - 1);

    expect(() => readWeights(file)).toThrow(expect.objectContaining({ code: 'MODEL_WEIGHTS_DIGEST' }));
  });

  const one = { shape: [1], data: new Float32Array(1) };
  test.for([
    { name: 'a missing tensor', change: (kept: Map<string, HostTensor>) => void kept.delete('dm.l5.bias') },
    { name: 'an extra tensor', change: (kept: Map<string, HostTensor>) => void kept.set('evq.intro.bias', one) },
    { name: 'a mis-shaped tensor', change: (kept: Map<string, HostTensor>) => void kept.set('dm.l5.bias', one) },
  ])('$name', ({ change }) => {
    expect(() => readWeights(changedFile(change))).toThrow(expect.objectContaining({ code: 'MODEL_WEIGHTS_TENSORS' }));
  });

  const tiny = modelMetadata({ preset: presets.tiny16, ablation: ablations.full });
  test.for([
    { name: 'another format', change: { format: 'diffcode-2' }, code: 'MODEL_WEIGHTS_FORMAT' },
    {
      name: 'a preset with the configuration of another',
      change: { config: tiny.config },
      code: 'MODEL_WEIGHTS_CONFIG',
    },
    { name: 'an unknown preset', change: { preset: 'huge' }, code: 'MODEL_WEIGHTS_CONFIG' },
    { name: 'an unknown task', change: { tasks: '["ct-colouring"]' }, code: 'MODEL_WEIGHTS_CONFIG' },
    { name: 'an unknown form', change: { form: 'half' }, code: 'MODEL_WEIGHTS_CONFIG' },
    { name: 'other gains', change: { input: '{"aircrop":false,"scales":{}}' }, code: 'MODEL_WEIGHTS_CONFIG' },
    { name: 'a configuration that is no JSON', change: { config: '{' }, code: 'MODEL_WEIGHTS_CONFIG' },
  ])('$name', ({ change, code }) => {
    const file = changedFile((_kept, metadata) => Object.assign(metadata, change));

    expect(() => readWeights(file)).toThrow(expect.objectContaining({ code }));
  });

  test('nothing when a metadata key is unknown', () => {
    const file = changedFile((_kept, metadata) => Object.assign(metadata, { 'made-by': 'a later version' }));

    expect(readWeights(file).metadata.get('made-by')).toBe('a later version');
  });

  test('nothing when a custom preset describes itself', () => {
    const preset = { ...presets.micro8, name: 'custom' as const, codes: 64 };
    const model: ModelShape = { preset, ablation: ablations.full };

    expect(readWeights(writeWeights(model, 'slim', fillParameters(model, 2), notes)).model).toEqual(model);
  });
});
