import { Worker } from 'node:worker_threads';
import type { Logger } from '../observe/logger.ts';
import { PipelineError } from './errors.ts';
import type { SeriesRestorer } from './job-runner.ts';
import type { OnProgress, SeriesOutcome, SeriesWork } from './series-work.ts';
import type { ThreadReply, ThreadRequest } from './thread-messages.ts';
import { workerEntry } from './worker-entry.ts';

export interface ThreadRestorerOptions {
  /** Where derived files are written. */
  readonly spoolFolder: string;
  readonly preset: string;
  readonly logger: Logger;
  readonly onProgress?: OnProgress;
}

/** A failure that happened in the series thread, with the code it had there. */
class ThreadFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Restores series in a worker thread, one at a time, so that decoding, measuring and writing never hold the event
 * loop. Aborting ends the thread, and with it the model process that it owns; the next series starts both anew.
 */
export class ThreadRestorer implements SeriesRestorer {
  readonly #options: ThreadRestorerOptions;
  #worker: Worker | undefined;

  constructor(options: ThreadRestorerOptions) {
    this.#options = options;
  }

  async restore(work: SeriesWork, signal: AbortSignal): Promise<SeriesOutcome> {
    signal.throwIfAborted();
    const worker = (this.#worker ??= this.#thread());
    try {
      return await this.#ask(worker, { kind: 'restore', spoolFolder: this.#options.spoolFolder, work }, signal);
    } catch (error) {
      if (!(error instanceof ThreadFailure)) await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  /** One that dies between two series is replaced; without a listener its error would end the node. */
  #thread(): Worker {
    const worker = new Worker(workerEntry('series-thread'));
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }

  #ask(worker: Worker, request: ThreadRequest, signal: AbortSignal): Promise<SeriesOutcome> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        signal.removeEventListener('abort', onAbort);
        finish();
      };
      const onError = (cause: unknown) => settle(() => reject(new PipelineError('PIPELINE_MODEL_LOST', {}, { cause })));
      const onExit = (exitCode: number) => settle(() => reject(new PipelineError('PIPELINE_MODEL_LOST', { exitCode })));
      const onAbort = () => settle(() => reject(cancelled(signal.reason)));
      const onMessage = (reply: ThreadReply) => {
        if (reply.kind === 'ended') settle(() => resolve(reply.outcome));
        else if (reply.kind === 'failed') settle(() => reject(new ThreadFailure(reply.code, reply.message)));
        else this.#tell(reply);
      };
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      signal.addEventListener('abort', onAbort, { once: true });
      worker.postMessage(request, []);
    });
  }

  #tell(reply: Exclude<ThreadReply, { readonly kind: 'ended' | 'failed' }>): void {
    const { logger, preset, onProgress } = this.#options;
    switch (reply.kind) {
      case 'progress':
        onProgress?.(reply.done, reply.total);
        return;
      case 'model-loaded':
        logger.info('model.loaded', { preset, executor: reply.executor, durationMs: Math.round(reply.durationMs) });
    }
  }
}

/** The deadline of a series is the only reason with a name of its own. */
function cancelled(cause: unknown): PipelineError {
  const late = cause instanceof Error && cause.name === 'TimeoutError';
  return new PipelineError('PIPELINE_CANCELLED', late ? { reason: 'model.seriesDeadlineMs passed' } : {}, { cause });
}
