import { Worker } from 'node:worker_threads';
import { LedgerError } from '../errors.ts';
import type { Ledger, LedgerReader } from '../ledger.ts';
import type { Reply, ThreadData, ThreadMessage } from './messages.ts';
import type { Arguments, OperationName, Results } from './operations.ts';
import { threadEntry } from './thread-entry.ts';

/**
 * Opens the ledger in its own thread, making or migrating the file. Several processes may have one file open: claims
 * are leases.
 * @throws LedgerError LEDGER_CORRUPT, which names `doctor --rebuild` · LEDGER_NEWER · LEDGER_UNAVAILABLE
 */
export function openLedger(options: { readonly file: string }): Promise<Ledger> {
  return SqliteLedger.open({ file: options.file, access: 'write' });
}

/**
 * Opens a ledger to look at it, from any process, while the node runs or after its death. Changes nothing.
 * @throws LedgerError LEDGER_MISSING · LEDGER_OLDER · LEDGER_NEWER · LEDGER_CORRUPT · LEDGER_UNAVAILABLE
 */
export function openLedgerReader(options: { readonly file: string }): Promise<LedgerReader> {
  return SqliteLedger.open({ file: options.file, access: 'read' });
}

/** Opens a ledger to look at it once every page of it was found sound; for `doctor`. @throws as `openLedgerReader` */
export function openCheckedLedger(options: { readonly file: string }): Promise<LedgerReader> {
  return SqliteLedger.open({ file: options.file, access: 'check' });
}

interface Waiter {
  settle(reply: Reply<unknown>): void;
  fail(error: LedgerError): void;
}

class SqliteLedger implements Ledger {
  readonly #thread: Worker;
  readonly #waiters = new Map<number, Waiter>();
  #lastId = 0;
  #ended: LedgerError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(thread: Worker) {
    this.#thread = thread;
    thread.on('message', (message: ThreadMessage) => {
      if (message.kind === 'replies') for (const reply of message.replies) this.#settle(reply);
    });
    thread.on('error', (cause) => this.#end(new LedgerError('LEDGER_UNAVAILABLE', {}, { cause })));
    thread.on('exit', () => this.#end(new LedgerError('LEDGER_CLOSED')));
  }

  static async open(data: ThreadData): Promise<SqliteLedger> {
    const thread = new Worker(threadEntry(import.meta.url), { workerData: data });
    await opened(thread);
    return new SqliteLedger(thread);
  }

  readonly recordInstance: Ledger['recordInstance'] = (...args) => this.#call('recordInstance', args);
  readonly associationReleased: Ledger['associationReleased'] = (...args) => this.#call('associationReleased', args);
  readonly findInstance: Ledger['findInstance'] = (...args) => this.#call('findInstance', args);
  readonly unroutedInstances: Ledger['unroutedInstances'] = (...args) => this.#call('unroutedInstances', args);
  readonly routeInstances: Ledger['routeInstances'] = (...args) => this.#call('routeInstances', args);
  readonly collectingSeries: Ledger['collectingSeries'] = (...args) => this.#call('collectingSeries', args);
  readonly seriesInstances: Ledger['seriesInstances'] = (...args) => this.#call('seriesInstances', args);
  readonly decideSeries: Ledger['decideSeries'] = (...args) => this.#call('decideSeries', args);
  readonly claimJob: Ledger['claimJob'] = (...args) => this.#call('claimJob', args);
  readonly extendJob: Ledger['extendJob'] = (...args) => this.#call('extendJob', args);
  readonly abandonLeases: Ledger['abandonLeases'] = (...args) => this.#call('abandonLeases', args);
  readonly endJob: Ledger['endJob'] = (...args) => this.#call('endJob', args);
  readonly findDerived: Ledger['findDerived'] = (...args) => this.#call('findDerived', args);
  readonly derivedOfSeries: Ledger['derivedOfSeries'] = (...args) => this.#call('derivedOfSeries', args);
  readonly adoptDerived: Ledger['adoptDerived'] = (...args) => this.#call('adoptDerived', args);
  readonly claimDeliveries: Ledger['claimDeliveries'] = (...args) => this.#call('claimDeliveries', args);
  readonly extendDeliveries: Ledger['extendDeliveries'] = (...args) => this.#call('extendDeliveries', args);
  readonly endDeliveries: Ledger['endDeliveries'] = (...args) => this.#call('endDeliveries', args);
  readonly releaseDeliveries: Ledger['releaseDeliveries'] = (...args) => this.#call('releaseDeliveries', args);
  readonly destinationsWithWork: Ledger['destinationsWithWork'] = (...args) => this.#call('destinationsWithWork', args);
  readonly retryDeliveries: Ledger['retryDeliveries'] = (...args) => this.#call('retryDeliveries', args);
  readonly cancelDeliveries: Ledger['cancelDeliveries'] = (...args) => this.#call('cancelDeliveries', args);
  readonly removable: Ledger['removable'] = (...args) => this.#call('removable', args);
  readonly markRemoved: Ledger['markRemoved'] = (...args) => this.#call('markRemoved', args);
  readonly sums: Ledger['sums'] = (...args) => this.#call('sums', args);
  readonly stories: Ledger['stories'] = (...args) => this.#call('stories', args);
  readonly setting: Ledger['setting'] = (...args) => this.#call('setting', args);
  readonly setSetting: Ledger['setSetting'] = (...args) => this.#call('setSetting', args);
  readonly audit: Ledger['audit'] = (...args) => this.#call('audit', args);
  readonly instancesSinceCleanMark: Ledger['instancesSinceCleanMark'] = (...args) =>
    this.#call('instancesSinceCleanMark', args);
  readonly forgetInstance: Ledger['forgetInstance'] = (...args) => this.#call('forgetInstance', args);
  readonly markClean: Ledger['markClean'] = (...args) => this.#call('markClean', args);
  readonly unknownDigests: Ledger['unknownDigests'] = (...args) => this.#call('unknownDigests', args);

  /** Lets every call before it end, then closes the file and the thread; libsql frees the file at the thread's end. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const exit = new Promise((resolve) => this.#thread.once('exit', resolve));
    const closing = this.#ask('close', []);
    this.#ended = new LedgerError('LEDGER_CLOSED');
    await closing;
    await exit;
  }

  #call<M extends OperationName>(method: M, args: Arguments[M]): Promise<Results[M]> {
    return this.#ask<Results[M]>(method, args);
  }

  #ask<T>(method: OperationName | 'close', args: readonly unknown[]): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      const id = ++this.#lastId;
      this.#waiters.set(id, {
        settle(reply: Reply<T>) {
          if ('failure' in reply) reject(new LedgerError(reply.failure.code, reply.failure.details));
          else resolve(reply.result);
        },
        fail: reject,
      });
      this.#thread.postMessage({ id, method, args }, []);
    });
  }

  #settle(reply: Reply<unknown>): void {
    const waiter = this.#waiters.get(reply.id);
    this.#waiters.delete(reply.id);
    waiter?.settle(reply);
  }

  #end(error: LedgerError): void {
    this.#ended ??= error;
    for (const waiter of this.#waiters.values()) waiter.fail(this.#ended);
    this.#waiters.clear();
  }
}

/** The thread says first whether it could open the file. */
function opened(thread: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.once('error', (cause) => reject(new LedgerError('LEDGER_UNAVAILABLE', {}, { cause })));
    thread.once('exit', () => reject(new LedgerError('LEDGER_UNAVAILABLE', { system: 'the thread ended' })));
    thread.once('message', (message: ThreadMessage) => {
      if (message.kind === 'not-opened') reject(new LedgerError(message.failure.code, message.failure.details));
      else resolve();
    });
  });
}
