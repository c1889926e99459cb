import { createWriteStream, type WriteStream } from 'node:fs';
import type { Logger } from './logger.ts';

/** What an audit entry may say beside its actor: who was turned away, what a person changed (PS3.15 A.5). */
interface AuditActions {
  readonly 'node.started': { readonly version: string; readonly configurationDigest: string };
  readonly 'node.stopped': { readonly reason: string };
  readonly 'association.rejected': {
    readonly callingAeTitle: string;
    readonly calledAeTitle: string;
    readonly peerAddress: string;
    readonly reason: string;
  };
  /** A known SOP instance UID came with other bytes; the object is kept aside under `digest`. */
  readonly 'instance.conflict': {
    readonly sopInstanceUid: string;
    readonly peerAddress: string;
    readonly digest: string;
  };
  readonly 'configuration.changed': { readonly from: string; readonly to: string; readonly files: readonly string[] };
  readonly 'weights.changed': { readonly from: string; readonly to: string };
  /** A gate limit is wider than its default: named at each start, so that it can't be forgotten. */
  readonly 'gate.widened': { readonly key: string; readonly value: number; readonly default: number };
  readonly 'delivery.cancelled': { readonly destination: string; readonly deliveries: number };
  readonly 'delivery.retried': { readonly destination: string; readonly deliveries: number };
}

type AuditAction = keyof AuditActions;

/** Keeps who did what, apart from the log: one JSON object a line, in a file of its own. */
export interface Audit {
  /** `actor` is an AE title, `node`, or the name of the person's account. Never throws, never waits. */
  record<A extends AuditAction>(action: A, actor: string, detail: AuditActions[A]): void;
  /** Resolves when everything recorded is written. */
  close(): Promise<void>;
}

/** Entries that may wait for the disk; beyond it they are counted and the log says how many were lost. */
const waitingBytesMax = 1024 * 1024;

export interface AuditOptions {
  readonly file: string;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** Opens (or goes on with) the audit file, readable by the node's own account alone. */
export function openAudit({ file, logger, now = Date.now }: AuditOptions): Audit {
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  const losses = new Losses(stream, logger);
  return {
    record(action, actor, detail) {
      if (losses.mustDrop()) return;
      stream.write(`${JSON.stringify({ at: new Date(now()).toISOString(), action, actor, ...detail })}\n`);
    },
    close: () => ended(stream),
  };
}

/** Counts the entries that a slow or broken disk could not take. */
class Losses {
  readonly #stream: WriteStream;
  readonly #logger: Logger;
  #lost = 0;

  constructor(stream: WriteStream, logger: Logger) {
    this.#stream = stream;
    this.#logger = logger;
    stream.on('drain', () => this.#tell('disk too slow'));
    stream.on('error', (error) => {
      this.#lost += 1;
      this.#tell('code' in error && typeof error.code === 'string' ? error.code : error.name);
    });
  }

  mustDrop(): boolean {
    const full = this.#stream.destroyed || this.#stream.writableLength > waitingBytesMax;
    if (full) this.#lost += 1;
    return full;
  }

  #tell(reason: string): void {
    if (this.#lost > 0) this.#logger.error('audit.lost', { value: this.#lost, reason });
    this.#lost = 0;
  }
}

function ended(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve();
    stream.once('close', () => resolve());
    return stream.end();
  });
}
