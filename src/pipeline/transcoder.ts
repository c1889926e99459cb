import { Worker } from 'node:worker_threads';
import { DicomError, type DicomErrorCode, dicomErrors } from '../dicom/errors.ts';
import type { TransferSyntaxUid } from '../dicom/uid.ts';
import { workerEntry } from './worker-entry.ts';

export interface TranscodeRequest {
  readonly id: number;
  readonly path: string;
  readonly target: TransferSyntaxUid;
}

export type TranscodeReply =
  | { readonly id: number; readonly kind: 'done'; readonly ranges: readonly Uint8Array[] }
  | { readonly id: number; readonly kind: 'failed'; readonly code: string; readonly message: string };

interface Pending {
  readonly resolve: (ranges: readonly Buffer[]) => void;
  readonly reject: (error: Error) => void;
}

/** Transcodes stored files in a worker thread, started when it is first needed. Lossless, always. */
export class Transcoder {
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #nextId = 1;

  /** Data set bytes of a stored file in another transfer syntax. @throws DicomError as `transcode` */
  transcode(path: string, target: TransferSyntaxUid): Promise<readonly Buffer[]> {
    const id = this.#nextId++;
    const request: TranscodeRequest = { id, path, target };
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#thread().postMessage(request, []);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(workerEntry('transcode-thread'));
    worker.on('message', (reply: TranscodeReply) => this.#settle(reply));
    worker.on('error', () => undefined);
    worker.on('exit', () => this.#lost());
    this.#worker = worker;
    return worker;
  }

  #settle(reply: TranscodeReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.kind === 'failed') pending?.reject(errorOf(reply.code));
    else pending?.resolve(reply.ranges.map((range) => Buffer.from(range.buffer, range.byteOffset, range.byteLength)));
  }

  #lost(): void {
    this.#worker = undefined;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting)
      reject(new DicomError('DICOM_CODEC_FAILED', { reason: 'the codec thread ended' }));
  }
}

function errorOf(code: string): DicomError {
  return new DicomError(isDicomCode(code) ? code : 'DICOM_CODEC_FAILED', isDicomCode(code) ? {} : { reason: code });
}

function isDicomCode(code: string): code is DicomErrorCode {
  return Object.hasOwn(dicomErrors, code);
}
