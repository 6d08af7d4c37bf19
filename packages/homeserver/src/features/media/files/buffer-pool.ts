/** Buffers of one size that are used again and again. */
export class BufferPool {
  readonly #size: number;
  readonly #mostKept: number;
  readonly #free: Buffer[] = [];

  constructor(size: number, mostKept: number) {
    this.#size = size;
    this.#mostKept = mostKept;
  }

  /** A buffer with anything in it. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }

  /** Only what nobody reads or writes any more. */
  giveBack(buffer: Buffer): void {
    if (this.#free.length < this.#mostKept) this.#free.push(buffer);
  }
}
