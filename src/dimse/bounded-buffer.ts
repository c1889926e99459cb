/** Gathers bytes that come in pieces. Grows with what has arrived, never with what was announced. */
export class BoundedBuffer {
  #bytes = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies `piece`: the socket's chunk that it lies in is not kept alive. */
  append(piece: Buffer): void {
    const needed = this.#length + piece.length;
    if (needed > this.#bytes.length) this.#grow(Math.max(needed, 2 * this.#bytes.length, 256));
    piece.copy(this.#bytes, this.#length);
    this.#length = needed;
  }

  /** What was gathered; the buffer is empty afterwards and its memory belongs to the caller. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return taken;
  }

  #grow(capacityBytes: number): void {
    const larger = Buffer.allocUnsafe(capacityBytes);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
