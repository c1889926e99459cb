import { describe, expect, test } from 'vitest';
import { modelParameters } from '../net/parameters.ts';
import { ablationNames, ablations, presetNames, presets } from '../presets.ts';
import { tasks } from '../tasks.ts';
import { exportGraphs, exportParameters } from './export-graphs.ts';
import type { GraphJson } from './graph-ir.ts';

const tiny = { preset: presets.tiny16, ablation: ablations.full };

/** Names that a node reads before anything has made them. */
function undefinedReads(graph: GraphJson): string[] {
  const known = new Set([...graph.inputs, ...graph.params].map(({ name }) => name));
  const missing: string[] = [];
  for (const node of graph.nodes) {
    missing.push(...node.in.filter((name) => !known.has(name)));
    for (const name of node.out) known.add(name);
  }
  return [...missing, ...graph.outputs.filter(({ value }) => !known.has(value)).map(({ value }) => value)];
}

describe('exportGraphs', () => {
  const cases = presetNames.flatMap((preset) => ablationNames.map((ablation) => [preset, ablation] as const));

  test.for(cases)('%s %s gives graphs in which every value is made before it is read', ([preset, ablation]) => {
    const graphs = exportGraphs({ preset: presets[preset], ablation: ablations[ablation] });

    expect(Object.values(graphs).flatMap(undefinedReads)).toEqual([]);
  });

  test('gives every stage of every task, and the classifier', () => {
    const stages = ['evq', 'stage1', 'stage2', 'prior', 'backbone', 'stage3', 'restore'];
    const expected = ['classify', ...tasks.flatMap((task) => stages.map((stage) => `${stage}/${task}`))];

    expect(Object.keys(exportGraphs(tiny)).toSorted()).toEqual(expected.toSorted());
  });

  test('binds the experts and the codebook of the task when it traces', () => {
    const params = exportGraphs(tiny)['restore/ct-denoising']?.params.map(({ name }) => name) ?? [];

    expect(params.filter((name) => /expert\.[023]\./.test(name))).toEqual([]);
    expect(params.filter((name) => name.startsWith('codebook.'))).toEqual(['codebook.ct']);
  });

  test('with two experts reads the shared one too, weighted by the gate', () => {
    const graph = exportGraphs({ ...tiny, ablation: { ...ablations.full, topk: 2 } })['stage3/ct-denoising'];

    expect(graph?.params.map(({ name }) => name)).toContain('bb.enc.tarm.0.expert.3.conv1.weight');
    expect(graph?.nodes.find(({ op }) => op === 'gate')?.attrs).toEqual({ row: 1, experts: [1, 3], position: 0 });
  });

  test('reads every trainable tensor of a selected expert in some graph', () => {
    const read = new Set(Object.values(exportGraphs(tiny)).flatMap(({ params }) => params.map(({ name }) => name)));
    const unread = modelParameters(tiny).filter(
      ({ name }) => !read.has(name) && !/expert\.3\.|^ood\.|^gate\./.test(name),
    );

    expect(unread).toEqual([]);
  });

  test('carries symbolic sizes through the levels and back to the image', () => {
    const { inputs, outputs } = exportGraphs(tiny)['restore/pet-synthesis'] ?? { inputs: [], outputs: [] };

    expect(inputs).toEqual([
      { name: 'x', dims: ['n', 1, '8h', '8w'] },
      { name: 'start', dims: ['n', 64, 'h', 'w'] },
    ]);
    expect(outputs.map(({ name, dims }) => ({ name, dims }))).toEqual([
      { name: 'restored', dims: ['n', 1, '8h', '8w'] },
      { name: 'reference', dims: ['n', 1, '8h', '8w'] },
      { name: 'indices', dims: ['n', 'h', 'w', 4] },
      { name: 'latent', dims: ['n', 64, 'h', 'w'] },
    ]);
  });
});

describe('exportParameters', () => {
  test('says in which stage each tensor is trained', () => {
    const stages = new Map(exportParameters(tiny).map(({ name, trainedInStage }) => [name, trainedInStage]));

    expect(stages.get('cls.fc.weight')).toBe(0);
    expect(stages.get('codebook.mr')).toBe(1);
    expect(stages.get('elq.intro.weight')).toBe(2);
    expect(stages.get('bb.dec.ending.bias')).toBe(3);
    expect(stages.get('latent.mean')).toBe('none');
  });
});
