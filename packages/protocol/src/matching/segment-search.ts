/** In place of a code point: any one code point (`?`). */
export const anyCodePoint = 0xffff_ffff;

const bitsAWord = 32;

/** Runs up to this length are compared at each place of the text. */
const shortRun = 8;

type Accept = (start: number, end: number) => boolean;

/**
 * Finds a run of code points and `?` in a text, in time proportional to the text's length: long runs by bit-parallel
 * simulation (the "shift-and" algorithm), a step for each code point of the text and 32 of the run.
 */
export class SegmentSearch {
  readonly codePoints: Uint32Array;
  #masks: Map<number, Uint32Array> | undefined;

  constructor(codePoints: Uint32Array) {
    this.codePoints = codePoints;
  }

  get length(): number {
    return this.codePoints.length;
  }

  /** Whether the run stands at this index of the text. */
  isAt(text: Uint32Array, index: number): boolean {
    const { codePoints } = this;
    if (index < 0 || index + codePoints.length > text.length) return false;
    for (let i = 0; i < codePoints.length; i++) {
      const codePoint = codePoints[i];
      if (codePoint !== anyCodePoint && codePoint !== text[index + i]) return false;
    }
    return true;
  }

  /**
   * The index behind the first occurrence that begins at `from` or later and that `accept` takes, or -1. `accept` gets
   * the indexes of its first code point and behind its last one.
   */
  findEnd(text: Uint32Array, from: number, accept?: Accept): number {
    return this.length <= shortRun ? this.#findShort(text, from, accept) : this.#findLong(text, from, accept);
  }

  #findShort(text: Uint32Array, from: number, accept?: Accept): number {
    const { length } = this;
    for (let start = from; start + length <= text.length; start++) {
      if (this.isAt(text, start) && (!accept || accept(start, start + length))) return start + length;
    }
    return -1;
  }

  #findLong(text: Uint32Array, from: number, accept?: Accept): number {
    const { length } = this;
    this.#masks ??= masksOf(this.codePoints);
    const others = this.#masks.get(anyCodePoint) as Uint32Array;
    const words = others.length;
    const state = new Uint32Array(words);
    const lastBit = 1 << ((length - 1) % bitsAWord);
    for (let index = from; index < text.length; index++) {
      const mask = this.#masks.get(text[index] as number) ?? others;
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
}

/** By code point: at which places of the run it may stand. At `anyCodePoint`: code points that the run doesn't have. */
function masksOf(codePoints: Uint32Array): Map<number, Uint32Array> {
  const others = new Uint32Array(Math.ceil(codePoints.length / bitsAWord));
  codePoints.forEach((codePoint, index) => {
    if (codePoint === anyCodePoint) setBit(others, index);
  });
  const masks = new Map([[anyCodePoint, others]]);
  codePoints.forEach((codePoint, index) => {
    if (codePoint === anyCodePoint) return;
    const mask = masks.get(codePoint) ?? others.slice();
    setBit(mask, index);
    masks.set(codePoint, mask);
  });
  return masks;
}

function setBit(mask: Uint32Array, index: number): void {
  mask[index >> 5] = (mask[index >> 5] as number) | (1 << (index & 31));
}
