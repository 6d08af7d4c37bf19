import { createHash } from 'node:crypto';
import type { Random } from '@myelin/runtime';

/** The same bytes for the same seed. */
export class SeededBytes implements Random {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  bytes(count: number): Uint8Array {
    const blocks: Buffer[] = [];
    for (let size = 0; size < count; size += 32) {
      blocks.push(
        createHash('sha256')
          .update(`${this.#seed} ${this.#count++}`)
          .digest(),
      );
    }
    return Buffer.concat(blocks).subarray(0, count);
  }
}
