/** Sends one answer: writes it, or has the library write it. */
export type Answer = () => Promise<void> | void;

/**
 * The answers that one association owes, in the order of the requests (dicom-io.md 3.6.9): each waits for those before
 * it, however soon it is known.
 */
export class Answers {
  readonly #onDefect: (cause: unknown) => void;
  readonly #onSent: () => void;
  readonly #messageIds: number[] = [];
  #last: Promise<void> = Promise.resolve();
  #dropped = false;

  constructor(listener: { readonly onSent: () => void; readonly onDefect: (cause: unknown) => void }) {
    this.#onSent = listener.onSent;
    this.#onDefect = listener.onDefect;
  }

  /** How many answers are due. */
  get due(): number {
    return this.#messageIds.length;
  }

  /** Whether a request with this message id has not been answered yet. */
  isOutstanding(messageId: number): boolean {
    return this.#messageIds.includes(messageId);
  }

  add(messageId: number, answer: Answer): void {
    this.#messageIds.push(messageId);
    this.#last = this.#follow(this.#last, answer);
  }

  /** Resolves when every answer that is due now has been sent. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** The peer is gone: nothing more is sent. */
  drop(): void {
    this.#dropped = true;
  }

  async #follow(before: Promise<void>, answer: Answer): Promise<void> {
    await before;
    try {
      if (!this.#dropped) await answer();
    } catch (cause) {
      this.#onDefect(cause);
    }
    this.#messageIds.shift();
    this.#onSent();
  }
}
