/**
 * One flush for many callers (dicom-io.md 3.6.7): a flush in flight collects followers, the next one takes all of them.
 * No timer and no added wait. `flush()` resolves after a sync that began after the call.
 */
export class GroupSync {
  readonly #sync: () => Promise<void>;
  #inFlight: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  flush(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    if (this.#inFlight === undefined) return this.#start();
    this.#next = this.#follow(this.#inFlight);
    return this.#next;
  }

  async #follow(leader: Promise<void>): Promise<void> {
    try {
      await leader;
    } catch {
      // The leader's own callers hear of its failure; followers get a sync of their own.
    }
    this.#next = undefined;
    await this.#start();
  }

  #start(): Promise<void> {
    const running = this.#sync().finally(() => {
      if (this.#inFlight === running) this.#inFlight = undefined;
    });
    this.#inFlight = running;
    return running;
  }
}
