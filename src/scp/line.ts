import type { Socket } from 'node:net';
import { DimseError } from '../dimse/errors.ts';
import { type Frame, PduReader } from '../dimse/pdu-reader.ts';
import { encodeAbort } from '../dimse/pdu-writer.ts';
import { AssociationClocks, type Expiry, type TimerWheel, type Waiting } from '../dimse/timers.ts';
import type { ScpLimits } from './limits.ts';

/** Why the peer is held back: the library works, answers are due, the disk is slow, the peer reads no answers. */
export type HoldReason = 'library' | 'answers' | 'disk' | 'drain';

/** How a line came to its end, other than in order. */
export interface LineFault {
  readonly error: DimseError | undefined;
  readonly reason: string;
}

export interface LineHandler {
  /** The next frame; a DimseError that it throws aborts. */
  onFrame(frame: Frame): void;
  /** What the peer owes us between two frames. */
  readonly waiting: Waiting;
  /** The line broke: it was aborted, lost or timed out. Called once at most. */
  onFault(fault: LineFault): void;
  /** The socket is gone. */
  onClosed(): void;
}

/** After our last PDU the peer may still send this much before we stop reading. */
const discardBytes = 64 * 1024;
const keepAliveMs = 60_000;

/**
 * A socket with a reader, clocks and manners: back-pressure while somebody holds it, A-ABORT for whatever is wrong, and
 * an end in a bounded time (dicom-io.md 3.2, 3.5). Knows nothing of associations.
 */
export class Line {
  readonly #socket: Socket;
  readonly #wheel: TimerWheel;
  readonly #handler: LineHandler;
  readonly #reader: PduReader;
  readonly #clocks: AssociationClocks;
  readonly #leaveWheel: () => void;
  readonly #holds = new Set<HoldReason>();
  #phase: 'open' | 'closing' | 'closed' = 'open';
  #discardedBytes = 0;

  constructor(socket: Socket, limits: ScpLimits, wheel: TimerWheel, handler: LineHandler) {
    this.#socket = socket;
    this.#wheel = wheel;
    this.#handler = handler;
    this.#reader = new PduReader(limits);
    this.#clocks = new AssociationClocks(limits, wheel.now);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    socket.on('data', (chunk) => this.#guard(() => this.#data(chunk)));
    socket.on('drain', () => this.release('drain'));
    socket.on('end', () => this.#guard(() => this.#lost('the peer closed the connection')));
    socket.on('error', (error) => this.#guard(() => this.#lost(codeOf(error))));
    socket.on('close', () => this.#guard(() => this.#closed()));
    this.#leaveWheel = wheel.add((now) => this.#guard(() => this.#tick(now)));
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
    this.holdUntilDrained();
  }

  /** A peer that does not read its answers is not read either; the inactivity clock then ends it. */
  holdUntilDrained(): void {
    if (this.#socket.writableNeedDrain) this.hold('drain');
  }

  hold(reason: HoldReason): void {
    if (!this.isOpen) return;
    this.#holds.add(reason);
    this.#socket.pause();
    this.#setClocks();
  }

  release(reason: HoldReason): void {
    if (!this.#holds.delete(reason) || this.#holds.size > 0 || !this.isOpen) return;
    this.#guard(() => this.#pump());
    if (this.#holds.size === 0) this.#socket.resume();
  }

  /** A message has ended: the idle clock begins anew. */
  messageEnded(): void {
    this.#clocks.messageEnded(this.#wheel.now);
  }

  /** Sends A-ABORT and closes; the fault is told to the handler. */
  abort(error: DimseError): void {
    if (!this.isOpen) return;
    this.close();
    if (this.#socket.writable) this.#socket.end(encodeAbort(error.abort));
    this.#handler.onFault({ error, reason: error.message });
  }

  /** A defect of ours: the peer hears A-ABORT 0,0, the process goes on. */
  fail(cause: unknown): void {
    if (cause instanceof DimseError) this.abort(cause);
    else this.abort(new DimseError('DIMSE_DEFECT', { cause: describe(cause) }, { cause }));
  }

  /** Our last PDU is on its way: whatever comes is discarded, and ARTIM bounds the wait for the peer's end. */
  close(): void {
    if (!this.isOpen) return;
    this.#phase = 'closing';
    this.#holds.clear();
    this.#setClocks();
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #data(chunk: Buffer): void {
    if (!this.isOpen) return this.#discard(chunk);
    this.#clocks.bytesArrived(chunk.length, this.#wheel.now);
    this.#reader.feed(chunk);
    return this.#pump();
  }

  #pump(): void {
    while (this.isOpen && this.#holds.size === 0) {
      const frame = this.#reader.next();
      if (frame === undefined) break;
      this.#handler.onFrame(frame);
    }
    this.#setClocks();
  }

  #setClocks(): void {
    const now = this.#wheel.now;
    const owed = this.isOpen ? this.#handler.waiting : 'artim';
    this.#clocks.wait(owed === 'idle' && (this.#reader.midPdu || this.#holds.has('drain')) ? 'message' : owed, now);
    const weHold = [...this.#holds].some((reason) => reason !== 'drain');
    if (weHold) this.#clocks.hold(now);
    else this.#clocks.release(now);
  }

  /** Destroying at once could take our last PDU from a peer that is still sending. */
  #discard(chunk: Buffer): void {
    this.#discardedBytes += chunk.length;
    if (this.#discardedBytes > discardBytes) this.#socket.pause();
  }

  #lost(reason: string): void {
    if (!this.isOpen) return;
    this.close();
    this.#handler.onFault({ error: undefined, reason });
  }

  #closed(): void {
    this.#lost('the connection is gone');
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#leaveWheel();
    this.#handler.onClosed();
  }

  #tick(now: number): void {
    const expiry = this.#clocks.expired(now);
    if (expiry === undefined) return;
    if (expiry !== 'artim') return this.abort(new DimseError(expiryCodes[expiry]));
    if (this.isOpen) {
      this.close();
      this.#handler.onFault({ error: new DimseError('DIMSE_ARTIM_EXPIRED'), reason: 'no association was asked for' });
    }
    return this.destroy();
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.fail(cause);
    }
  }
}

const expiryCodes = {
  inactive: 'DIMSE_INACTIVE',
  'too-slow': 'DIMSE_TOO_SLOW',
  idle: 'DIMSE_IDLE',
} as const satisfies Record<Exclude<Expiry, 'artim'>, string>;

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** A system error's message holds paths: its code must do. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  return 'code' in cause ? codeOf(cause) : `${cause.name}: ${cause.message}`;
}
