/** A sink that holds bytes which it could write at any moment. */
export interface Drainable {
  readonly waitingBytes: number;
  drain(): void;
}

/**
 * Bytes that wait in all sinks of the process. At the limit the sinks write what they hold, fullest first, until half
 * of it is gone; as they write synchronously, no socket is read in the meantime (dicom-io.md 3.4, 3.5).
 */
export class SinkBudget {
  readonly #sinks = new Set<Drainable>();
  readonly #limits: { readonly sinkBytes: number; readonly sinkResumeBytes: number };
  #waitingBytes = 0;

  constructor(limits: { readonly sinkBytes: number; readonly sinkResumeBytes: number }) {
    this.#limits = limits;
  }

  join(sink: Drainable): void {
    this.#sinks.add(sink);
  }

  leave(sink: Drainable): void {
    this.#waitingBytes -= sink.waitingBytes;
    this.#sinks.delete(sink);
  }

  /** `bytes` more wait in a sink; negative when they were written. */
  changed(bytes: number): void {
    this.#waitingBytes += bytes;
    if (this.#waitingBytes <= this.#limits.sinkBytes) return;
    for (const sink of [...this.#sinks].toSorted((a, b) => b.waitingBytes - a.waitingBytes)) {
      if (this.#waitingBytes <= this.#limits.sinkResumeBytes) return;
      sink.drain();
    }
  }
}
