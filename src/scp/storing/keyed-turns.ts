/** Lets tasks of one key run one after the other, and tasks of different keys at the same time. */
export class KeyedTurns<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  /** Runs `task` when every earlier task of `key` has settled; a failed one does not keep the next from running. */
  async run<T>(key: Key, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = before === undefined ? task() : after(before, task);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}

async function after<T>(before: Promise<unknown>, task: () => Promise<T>): Promise<T> {
  await Promise.allSettled([before]);
  return task();
}
