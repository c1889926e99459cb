import { type ChildProcess, fork } from 'node:child_process';
import type { Classification, RestoredSlice, RestoreRequest, Slice } from '../model/restorer.ts';
import { PipelineError } from './errors.ts';
import type { LoadedModel, ModelAnswer, ModelAsked, ModelReply, ModelSource } from './model-messages.ts';
import { workerEntry } from './worker-entry.ts';

export interface ModelProcessOptions {
  readonly source: ModelSource;
  /** Shortest deadline of one answer; 20 times the longest answer so far where that is longer. */
  readonly sliceDeadlineMs: number;
  /** The process is renewed between series when it holds more than this. */
  readonly memoryBytes: number;
}

interface Pending {
  readonly resolve: (answer: ModelAnswer) => void;
  readonly reject: (error: Error) => void;
}

const loadDeadlineMs = 180_000;
const deadlineFactor = 20;
const lastWordsLength = 2000;

/** A failure that the model process reported, with the code it has there. */
class ModelFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The network in a process of its own (engines.md 3): a crash, a hang or an end for want of memory costs the question
 * under way, never the node. Started at the first question, again after a loss.
 * @throws PipelineError PIPELINE_MODEL_LOST · PIPELINE_MODEL_TIMEOUT; errors of the model room with their own codes
 */
export class ModelProcess {
  readonly #options: ModelProcessOptions;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | undefined;
  #loaded: Promise<LoadedModel> | undefined;
  #nextId = 1;
  #rssBytes = 0;
  #firstRssBytes = 0;
  #longestMs = 0;

  constructor(options: ModelProcessOptions) {
    this.#options = options;
  }

  /** Starts the process where it does not run, and resolves when the weights are loaded. */
  load(): Promise<LoadedModel> {
    if (this.#loaded !== undefined) return this.#loaded;
    const loaded = this.#start().catch((error: unknown) => {
      // Closed in the meantime, and perhaps started anew: the newer process is not this one's to end.
      if (this.#loaded === loaded) this.close();
      throw error;
    });
    this.#loaded = loaded;
    return loaded;
  }

  async classify(slice: Slice): Promise<Classification | undefined> {
    await this.load();
    const answer = await this.#ask({ call: 'classify', asked: slice }, this.#deadlineMs());
    return answer.call === 'classify' ? answer.answered : wrongAnswer(answer);
  }

  async restore(slice: RestoreRequest): Promise<RestoredSlice> {
    await this.load();
    const startedAt = performance.now();
    const answer = await this.#ask({ call: 'restore', asked: slice }, this.#deadlineMs());
    this.#longestMs = Math.max(this.#longestMs, performance.now() - startedAt);
    this.#firstRssBytes ||= this.#rssBytes;
    return answer.call === 'restore' ? answer.answered : wrongAnswer(answer);
  }

  /** Between two series: a process that has grown past its limit is ended; the next question starts a new one. */
  renewIfLarge(): void {
    const limit = Math.max(this.#options.memoryBytes, 1.5 * this.#firstRssBytes);
    if (this.#rssBytes > limit) this.close();
  }

  /** Ends the process; questions under way are lost. */
  close(): void {
    const child = this.#child;
    this.#child = undefined;
    this.#loaded = undefined;
    this.#rssBytes = 0;
    this.#firstRssBytes = 0;
    child?.removeAllListeners();
    child?.on('error', () => undefined);
    child?.kill('SIGKILL');
    this.#fail(new PipelineError('PIPELINE_MODEL_LOST', { reason: 'closed' }));
  }

  #deadlineMs(): number {
    return Math.max(this.#options.sliceDeadlineMs, deadlineFactor * this.#longestMs);
  }

  async #start(): Promise<LoadedModel> {
    // TF32 stays off on a GPU (engines.md 7). Engines that are tried and fail print to standard error: it is kept only
    // to explain an end that nobody asked for.
    const env = { ...process.env, UV_THREADPOOL_SIZE: '4', NVIDIA_TF32_OVERRIDE: '0' };
    const child = fork(workerEntry('model-child'), {
      serialization: 'advanced',
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    let lastWords = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-lastWordsLength);
    });
    child.on('message', (reply: ModelReply) => this.#settle(reply));
    child.on('error', (cause) => this.#lost(child, new PipelineError('PIPELINE_MODEL_LOST', {}, { cause })));
    child.on('exit', (code, signal) => {
      const cause = new Error(lastWords);
      const details = { exitCode: code ?? -1, signal: signal ?? 'none' };
      this.#lost(child, new PipelineError('PIPELINE_MODEL_LOST', details, { cause }));
    });
    const answer = await this.#ask({ call: 'load', asked: this.#options.source }, loadDeadlineMs);
    return answer.call === 'load' ? answer.answered : wrongAnswer(answer);
  }

  #ask(asked: ModelAsked, deadlineMs: number): Promise<ModelAnswer> {
    const child = this.#child;
    if (child === undefined) return Promise.reject(new PipelineError('PIPELINE_MODEL_LOST', { reason: 'not running' }));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#lost(child, new PipelineError('PIPELINE_MODEL_TIMEOUT', { deadlineMs: Math.round(deadlineMs) }));
      }, deadlineMs);
      const done = (finish: () => void): void => {
        clearTimeout(timer);
        finish();
      };
      this.#pending.set(id, {
        resolve: (answer) => done(() => resolve(answer)),
        reject: (error) => done(() => reject(error)),
      });
      child.send({ id, ...asked });
    });
  }

  #settle(reply: ModelReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.kind === 'failure') pending?.reject(new ModelFailure(reply.code, reply.message));
    else {
      this.#rssBytes = reply.rssBytes;
      pending?.resolve(reply.answer);
    }
  }

  #lost(child: ChildProcess, error: PipelineError): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#loaded = undefined;
    child.kill('SIGKILL');
    this.#fail(error);
  }

  #fail(error: PipelineError): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting) reject(error);
  }
}

function wrongAnswer({ call }: ModelAnswer): never {
  throw new Error(`the model process answered ${call} to another question`);
}
