/** In place of a code point: any one code point (`?`). */
export const anyCodePoint = -1;

const bitsAWord = 32;

/**
 * Finds a run of code points and `?` in a text by bit-parallel simulation (the "shift-and" algorithm): one step a code
 * point and 32 characters of the run, whatever text and run are made of.
 */
export class SegmentSearch {
  readonly codePoints: readonly number[];
  /** 32-bit words of state: the cost of one step. */
  readonly words: number;
  readonly #masks = new Map<number, Uint32Array>();
  /** Where the run has `?`. */
  readonly #others: Uint32Array;

  constructor(codePoints: readonly number[]) {
    this.codePoints = codePoints;
    this.words = Math.max(1, Math.ceil(codePoints.length / bitsAWord));
    this.#others = new Uint32Array(this.words);
    codePoints.forEach((codePoint, index) => {
      if (codePoint === anyCodePoint) setBit(this.#others, index);
    });
    codePoints.forEach((codePoint, index) => {
      if (codePoint === anyCodePoint) return;
      const mask = this.#masks.get(codePoint) ?? this.#others.slice();
      setBit(mask, index);
      this.#masks.set(codePoint, mask);
    });
  }

  get length(): number {
    return this.codePoints.length;
  }

  /** Whether the run stands at this index of the text. */
  isAt(text: Uint32Array, index: number): boolean {
    if (index < 0 || index + this.length > text.length) return false;
    return this.codePoints.every((codePoint, i) => codePoint === anyCodePoint || codePoint === text[index + i]);
  }

  /**
   * The index behind the first occurrence that begins at `from` or later and that `accept` takes, or -1. `accept` gets
   * the indexes of its first code point and behind its last one.
   */
  findEnd(text: Uint32Array, from: number, accept?: (start: number, end: number) => boolean): number {
    if (this.length === 0) return this.#findEmpty(text, from, accept);
    return this.words === 1 ? this.#findShort(text, from, accept) : this.#findLong(text, from, accept);
  }

  #findShort(text: Uint32Array, from: number, accept?: (start: number, end: number) => boolean): number {
    const { length } = this;
    const lastBit = 1 << (length - 1);
    const others = this.#others[0] as number;
    let last = anyCodePoint;
    let mask = others;
    let state = 0;
    for (let index = from; index < text.length; index++) {
      const codePoint = text[index] as number;
      if (codePoint !== last) {
        last = codePoint;
        mask = this.#masks.get(codePoint)?.[0] ?? others;
      }
      state = ((state << 1) | 1) & mask;
      if ((state & lastBit) !== 0 && (!accept || accept(index + 1 - length, index + 1))) return index + 1;
    }
    return -1;
  }

  #findLong(text: Uint32Array, from: number, accept?: (start: number, end: number) => boolean): number {
    const { length, words } = this;
    const state = new Uint32Array(words);
    const lastBit = 1 << ((length - 1) % bitsAWord);
    for (let index = from; index < text.length; index++) {
      const mask = this.#masks.get(text[index] as number) ?? this.#others;
      let carry = 1;
      for (let word = 0; word < words; word++) {
        const old = state[word] as number;
        state[word] = ((old << 1) | carry) & (mask[word] as number);
        carry = old >>> 31;
      }
      const found = ((state[words - 1] as number) & lastBit) !== 0;
      if (found && (!accept || accept(index + 1 - length, index + 1))) return index + 1;
    }
    return -1;
  }

  #findEmpty(text: Uint32Array, from: number, accept?: (start: number, end: number) => boolean): number {
    if (!accept) return from;
    for (let index = from; index <= text.length; index++) if (accept(index, index)) return index;
    return -1;
  }
}

function setBit(mask: Uint32Array, index: number): void {
  mask[index >> 5] = (mask[index >> 5] as number) | (1 << (index & 31));
}
