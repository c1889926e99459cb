/** Limits on time, in the words of dicom-io.md 3.4. */
export interface TimeLimits {
  /** From connect to A-ASSOCIATE-RQ, and from our last PDU to the end of the connection (PS3.8 9.1.5). */
  readonly artimMs: number;
  /** Longest silence inside a message. */
  readonly inactivityMs: number;
  /** Slowest transfer inside a message, averaged over `slowestOverMs`. */
  readonly slowestBytesPerSecond: number;
  readonly slowestOverMs: number;
  /** Longest pause between messages. */
  readonly idleMs: number;
}

export type Expiry = 'artim' | 'inactive' | 'too-slow' | 'idle';

/** What is being waited for: the peer's first or last step, its next message, or the rest of this one. */
export type Waiting = 'artim' | 'idle' | 'message';

/**
 * The clocks of one association. Pure: the caller says what happens and when, in milliseconds of a monotonic clock.
 * The inactivity clock counts bytes, the idle clock counts messages; neither runs while we hold the peer back.
 */
export class AssociationClocks {
  readonly #limits: TimeLimits;
  #waiting: Waiting = 'artim';
  #since: number;
  #lastByteAt: number;
  #windowAt: number;
  #windowBytes = 0;
  #heldAt: number | undefined;

  constructor(limits: TimeLimits, now: number) {
    this.#limits = limits;
    this.#since = now;
    this.#lastByteAt = now;
    this.#windowAt = now;
  }

  bytesArrived(count: number, now: number): void {
    this.#lastByteAt = now;
    this.#windowBytes += count;
  }

  /** Changes what is waited for; the same again changes nothing. */
  wait(waiting: Waiting, now: number): void {
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    this.#restart(now);
  }

  /** A message has ended: the next one, begun or not, has all the time that it may have. */
  messageEnded(now: number): void {
    this.#restart(now);
  }

  /** We hold the peer back: no clock but ARTIM runs until `release`. */
  hold(now: number): void {
    this.#heldAt ??= now;
  }

  release(now: number): void {
    if (this.#heldAt === undefined) return;
    const heldMs = now - this.#heldAt;
    this.#heldAt = undefined;
    this.#since += heldMs;
    this.#lastByteAt += heldMs;
    this.#windowAt += heldMs;
  }

  /** Which limit has passed, if any. A slow window that was fast enough begins anew. */
  expired(now: number): Expiry | undefined {
    if (this.#waiting === 'artim') return now - this.#since >= this.#limits.artimMs ? 'artim' : undefined;
    if (this.#heldAt !== undefined) return undefined;
    if (this.#waiting === 'idle') return now - this.#since >= this.#limits.idleMs ? 'idle' : undefined;
    if (now - this.#lastByteAt >= this.#limits.inactivityMs) return 'inactive';
    return this.#isTooSlow(now) ? 'too-slow' : undefined;
  }

  #isTooSlow(now: number): boolean {
    const elapsedMs = now - this.#windowAt;
    if (elapsedMs < this.#limits.slowestOverMs) return false;
    const tooSlow = this.#windowBytes < (this.#limits.slowestBytesPerSecond * elapsedMs) / 1000;
    this.#windowAt = now;
    this.#windowBytes = 0;
    return tooSlow;
  }

  #restart(now: number): void {
    this.#since = now;
    this.#lastByteAt = now;
    this.#windowAt = now;
    this.#windowBytes = 0;
    if (this.#heldAt !== undefined) this.#heldAt = now;
  }
}

/** Called once a tick with the monotonic time in milliseconds. */
export type Tick = (now: number) => void;

/** One timer for all sockets: a limit is noticed up to one tick late. Keeps no process alive. */
export class TimerWheel {
  readonly #ticks = new Set<Tick>();
  readonly #now: () => number;
  readonly #tickMs: number;
  #interval: NodeJS.Timeout | undefined;

  constructor({ now, tickMs }: { readonly now: () => number; readonly tickMs: number }) {
    this.#now = now;
    this.#tickMs = tickMs;
  }

  get now(): number {
    return this.#now();
  }

  start(): void {
    this.#interval ??= setInterval(() => {
      const now = this.#now();
      for (const tick of this.#ticks) tick(now);
    }, this.#tickMs).unref();
  }

  stop(): void {
    clearInterval(this.#interval);
    this.#interval = undefined;
  }

  /** Adds a tick; the function given back takes it off again. */
  add(tick: Tick): () => void {
    this.#ticks.add(tick);
    return () => {
      this.#ticks.delete(tick);
    };
  }
}
