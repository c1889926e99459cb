import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { failureOf, runBatch } from './batch.ts';
import type { Call, Request, ThreadData, ThreadMessage } from './messages.ts';
import { closeAfterWriting, openForChecking, openForReading, openForWriting } from './open.ts';

/**
 * The ledger's own thread. A commit's flush stops whatever thread makes it (setup.md trap 11); here nobody else waits.
 * Calls that arrive meanwhile queue in the port and share the next transaction.
 */

const largestBatch = 1_000;
const openers = { read: openForReading, check: openForChecking, write: openForWriting };

function start(port: NonNullable<typeof parentPort>, data: ThreadData): void {
  const post = (message: ThreadMessage): void => port.postMessage(message);
  try {
    const db = openers[data.access](data.file);
    const close = (): void => (data.access === 'write' ? closeAfterWriting(db) : db.close());
    post({ kind: 'opened' });
    port.on('message', (first: Request) => {
      const { calls, closeId } = collect(port, first);
      if (calls.length > 0) post({ kind: 'replies', replies: runBatch(db, calls) });
      if (closeId === undefined) return;
      close();
      post({ kind: 'replies', replies: [{ id: closeId, result: undefined }] });
      port.close();
    });
  } catch (error) {
    post({ kind: 'not-opened', failure: failureOf(error) });
    port.close();
  }
}

/** The first call and all that queue behind it, up to a limit that bounds one transaction. */
function collect(port: NonNullable<typeof parentPort>, first: Request): { calls: Call[]; closeId: number | undefined } {
  const calls: Call[] = [];
  let next: Request | undefined = first;
  while (next !== undefined) {
    if (next.method === 'close') return { calls, closeId: next.id };
    calls.push(next);
    if (calls.length === largestBatch) break;
    next = receiveMessageOnPort(port)?.message;
  }
  return { calls, closeId: undefined };
}

if (parentPort !== null) start(parentPort, workerData);
