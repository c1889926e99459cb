import type { Config } from '../../config/schema.ts';
import type { EngineFinding } from '../../model/executors/select.ts';
import { type InstalledWeights, openInstalledWeights } from '../../pipeline/installed-weights.ts';
import type { LoadedModel } from '../../pipeline/model-messages.ts';
import { ModelProcess } from '../../pipeline/model-process.ts';
import { modelSourceOf } from '../../pipeline/model-source.ts';
import { type Check, fail, guarded, ok, warn } from './check.ts';

const side = 256;
const hourMs = 3_600_000;
/** What `auto` does not try, since it is slow, but a person may name. */
const slowEngines = ['tfjs-wasm', 'tfjs-cpu'] as const;

/** Weights, then every engine in a model process of its own, as the node runs them. */
export async function checkModel({ model, rules }: Config): Promise<readonly Check[]> {
  const todo = 'put weights/index.json and the file that it names back, or correct model.weights';
  let weights: InstalledWeights | undefined;
  const checks = await guarded('weights', todo, async () => {
    weights = await openInstalledWeights(model.weights);
    const { name, preset, digest, tasks } = weights;
    const found = `${name}: preset ${preset}, SHA-256 ${digest.slice(0, 12)}, tasks ${tasks.join(', ') || 'none'}`;
    const asked = rules.flatMap((rule) => (rule.do === 'restore' ? [rule.task] : []));
    const lacking = asked.filter((task) => !weights?.tasks.includes(task));
    if (lacking.length === 0) return ok('weights', found);
    return warn(
      'weights',
      `${found}; rules ask for ${lacking.join(', ')}`,
      'such series are excluded: use other weights',
    );
  });
  if (weights === undefined) {
    return [...checks, warn('engines', 'not tried: there are no weights to try them with', 'mend the weights first')];
  }
  return [...checks, ...(await checkEngines(weights, model))];
}

async function checkEngines(weights: InstalledWeights, model: Config['model']): Promise<readonly Check[]> {
  const todo = 'choose another engine under model.engine, or install this one as docs/dependencies.md says';
  const chosen = await guarded(`engine ${model.engine}`, todo, () =>
    withModel(weights, model, async (process, loaded) => [
      ...loaded.findings.map(engineCheck),
      await speedOf(process, loaded, weights),
    ]),
  );
  const others = slowEngines.filter(
    (engine) => model.engine === 'auto' && !chosen.some(({ name }) => name.endsWith(engine)),
  );
  const slow: Check[] = [];
  for (const engine of others) slow.push(...(await tryEngine(weights, { ...model, engine })));
  return [...chosen, ...slow];
}

/** An engine that only a person would name: that it does not load is no fault. */
async function tryEngine(weights: InstalledWeights, model: Config['model']): Promise<readonly Check[]> {
  const name = `engine ${model.engine}`;
  const checks = await guarded(name, 'nothing, unless model.engine names it', () =>
    withModel(weights, model, async (_, { findings }) =>
      findings.map((finding) => engineCheck({ ...finding, verdict: 'slower' })),
    ),
  );
  return checks.map((check) => (check.verdict === 'fail' ? { ...check, verdict: 'ok' as const } : check));
}

async function withModel<T>(
  weights: InstalledWeights,
  model: Config['model'],
  work: (process: ModelProcess, loaded: LoadedModel) => Promise<T>,
): Promise<T> {
  const process = new ModelProcess(modelSourceOf({ weights, model }));
  try {
    return await work(process, await process.load());
  } finally {
    process.close();
  }
}

function engineCheck({ engine, verdict, reason, probeMs }: EngineFinding): Check {
  const name = `engine ${engine}`;
  if (verdict === 'absent') return ok(name, `not on this machine: ${reason}`);
  if (verdict === 'refused') return warn(name, `failed its self-test: ${reason}`, 'nothing: it is not used');
  const time =
    probeMs === undefined ? 'the reference of the self-test' : `self-test passed, probe ${probeMs.toFixed(0)} ms`;
  return ok(name, verdict === 'chosen' ? `chosen, ${time}` : time);
}

/** The second of two slices: the first one prepares the graph. */
async function speedOf(process: ModelProcess, loaded: LoadedModel, weights: InstalledWeights): Promise<Check> {
  const [task] = weights.tasks;
  if (task === undefined) return fail('speed', 'the weights have no task', 'use other weights under model.weights');
  const values = Float32Array.from({ length: side * side }, (_, at) => 0.2 + (0.5 * (at % side)) / side);
  const request = { task, values, rows: side, columns: side, noiseKey: [0, 0], eta: 0 } as const;
  await process.restore(request);
  const startedAt = performance.now();
  await process.restore(request);
  const sliceMs = performance.now() - startedAt;
  const anHour = Math.round(hourMs / sliceMs).toLocaleString('en');
  return ok(
    'speed',
    `${sliceMs.toFixed(0)} ms a slice of ${side} × ${side} by ${loaded.engine}: ${anHour} slices an hour`,
  );
}
