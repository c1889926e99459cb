import { ModelError } from '../errors.ts';
import type { EngineName, Executor, OnnxEngine, Tensors } from './executor.ts';
import { type Probe, runProbe, selfTest } from './self-test.ts';

/** What became of one engine in the selection; `doctor` prints it. */
export interface EngineFinding {
  readonly engine: EngineName;
  readonly verdict: 'chosen' | 'slower' | 'refused' | 'absent';
  /** Why it is absent or refused; empty otherwise. */
  readonly reason: string;
  /** One run of the probe, warm. */
  readonly probeMs: number | undefined;
}

export interface EngineChoice {
  readonly executor: Executor;
  readonly findings: readonly EngineFinding[];
}

export interface EngineRequest {
  readonly engine: EngineName | 'auto';
  /** Threads of one operator, for the CPU engines. */
  readonly threads: number;
  readonly probe: Probe;
}

/** What every other engine is compared with. */
const reference = 'onnx-cpu';

/** What `auto` tries besides; tfjs on wasm and on cpu are too slow to be chosen (engines.md 7). */
const automatic: readonly EngineName[] = ['onnx-cuda', 'onnx-webgpu', 'tfjs-node-gpu'];

/**
 * Opens an engine. `auto`: of all that load and agree with the CPU on the probe, the fastest. A named one: that one or
 * an error. Throws ModelError MODEL_ENGINE_ABSENT · MODEL_ENGINE_FAILED
 */
export async function chooseEngine({ engine, threads, probe }: EngineRequest): Promise<EngineChoice> {
  if (engine === reference) return openReference(threads);
  const truth = await tryEngine(reference, threads, probe, undefined);
  const trials: Trial[] = engine === 'auto' ? [truth] : [];
  for (const candidate of engine === 'auto' ? automatic : [engine]) {
    trials.push(await tryEngine(candidate, threads, probe, hasPassed(truth) ? truth.outputs : undefined));
  }
  const [best] = trials.filter(hasPassed).toSorted((a, b) => a.probeMs - b.probeMs);
  if (best === undefined) throw noneLeft(trials);
  return { executor: best.executor, findings: trials.map((trial) => findingOf(trial, best)) };
}

type Trial =
  | { readonly engine: EngineName; readonly executor: Executor; readonly outputs: Tensors; readonly probeMs: number }
  | { readonly engine: EngineName; readonly verdict: 'refused' | 'absent'; readonly reason: string };
type Passed = Extract<Trial, { executor: Executor }>;

function hasPassed(trial: Trial): trial is Passed {
  return 'executor' in trial;
}

/** Named on purpose and the measure of all others: nothing to compare it with. */
async function openReference(threads: number): Promise<EngineChoice> {
  const executor = await openEngine(reference, threads);
  return { executor, findings: [{ engine: reference, verdict: 'chosen', reason: '', probeMs: undefined }] };
}

/** `truth` is the CPU's answer; `undefined` where there is none to compare with. */
async function tryEngine(
  engine: EngineName,
  threads: number,
  probe: Probe,
  truth: Tensors | undefined,
): Promise<Trial> {
  try {
    const executor = await openEngine(engine, threads);
    const { outputs, probeMs } = await runProbe(executor, probe);
    const fault = truth === undefined ? undefined : selfTest(truth, outputs);
    return fault === undefined ? { engine, executor, outputs, probeMs } : { engine, verdict: 'refused', reason: fault };
  } catch (error) {
    return { engine, verdict: 'absent', reason: reasonOf(error) };
  }
}

/** Loads an engine's code only when it is asked for. Throws ModelError MODEL_ENGINE_ABSENT */
async function openEngine(engine: EngineName, threads: number): Promise<Executor> {
  if (engine === 'tfjs-wasm' || engine === 'tfjs-cpu' || engine === 'tfjs-node-gpu') {
    const { createTfjsExecutor } = await import('./tfjs.ts');
    return createTfjsExecutor(engine);
  }
  return openOnnx(engine, threads);
}

/** The native part is missing on platforms that ONNX Runtime does not know. */
async function openOnnx(engine: OnnxEngine, threads: number): Promise<Executor> {
  try {
    const { createOnnxExecutor } = await import('./onnx.ts');
    return createOnnxExecutor(engine, threads);
  } catch (cause) {
    throw new ModelError('MODEL_ENGINE_ABSENT', { engine }, { cause });
  }
}

function findingOf(trial: Trial, best: Passed): EngineFinding {
  const { engine } = trial;
  if (!hasPassed(trial)) return { ...trial, probeMs: undefined };
  return { engine, verdict: trial === best ? 'chosen' : 'slower', reason: '', probeMs: trial.probeMs };
}

function noneLeft(trials: readonly Trial[]): ModelError {
  const reasons = trials.flatMap((trial) => (hasPassed(trial) ? [] : [[trial.engine, trial.reason] as const]));
  const refused = trials.some((trial) => !hasPassed(trial) && trial.verdict === 'refused');
  return new ModelError(refused ? 'MODEL_ENGINE_FAILED' : 'MODEL_ENGINE_ABSENT', Object.fromEntries(reasons));
}

/** The innermost cause, first line, without the folders that libraries print. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const [line = ''] = error.message.split('\n');
  return line.replaceAll(/\S*\/(?=[^/\s]+)/g, '').slice(0, 200);
}
