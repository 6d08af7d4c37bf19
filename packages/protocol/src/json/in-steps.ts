import { maxJsonDepth } from './canonical.ts';
import { TextBuilder, ValueBuilder, type Builder, type Container } from './builders.ts';
import { JsonSyntaxError } from './exact-parser.ts';
import { findLargeParts, pieceSize, type ItemLimits, type LargeParts, type LargePartsLimits } from './large-parts.ts';
import { piecesOfString } from './long-strings.ts';
import { MemberReader } from './members.ts';
import { decodeUtf8, type Numbers, type ParseResult } from './parse.ts';
import type { Steps } from './steps.ts';
import type { JsonValue } from './value.ts';

/** Texts of at most so many bytes are as well read at once: that takes 20 ms at the very most, mostly less than one. */
export const smallJsonBytes = 4 * pieceSize;

export interface StepwiseOptions {
  readonly numbers?: Exclude<Numbers, 'strict'>;
  readonly maxDepth?: number;
  /** What is made of values as they are parsed; it gets arrays and objects with some of the members. */
  readonly convert?: (value: JsonValue) => JsonValue;
  /** Of the whole text. */
  readonly mostValues?: number;
  /** Items of lists in the text's object that are larger are read as null. */
  readonly items?: ItemLimits;
}

/**
 * As `parseJson`, in steps. Texts that aren't an array or an object are refused as not-json, and as too-large those in which
 * an object has more than 250,000 members or a key of more than a million characters, a list more than a million items, or all together more than `mostValues`.
 */
export function* parseJsonInSteps(input: string | Uint8Array, options: StepwiseOptions = {}): Steps<ParseResult> {
  const { convert, numbers = 'lenient', ...limits } = options;
  return yield* fromText(input, { maxDepth: maxJsonDepth, ...limits }, new ValueBuilder(convert), numbers);
}

/**
 * The canonical JSON, as `canonicalJson` has it in its lenient mode, of the text of an array or object, which is never in
 * memory in its parsed form. Refuses objects of more than 250,000 members and keys of more than a million characters as
 * too-large. Throws CanonicalJsonError.
 */
export function* canonicalJsonInSteps(input: string | Uint8Array): Steps<ParseResult<string>> {
  return yield* fromText(input, { maxDepth: maxJsonDepth }, new TextBuilder(), 'lenient');
}

function* fromText<T>(
  input: string | Uint8Array,
  limits: LargePartsLimits,
  builder: Builder<T>,
  numbers: Numbers,
): Steps<ParseResult<T>> {
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text === undefined) return { ok: false, reason: 'not-utf8' };
  try {
    const parts = yield* findLargeParts(text, limits);
    return { ok: true, value: yield* build(text, parts, builder, numbers) };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { ok: false, reason: error.reason };
    throw error;
  }
}

interface Frame<T> {
  readonly key: string | undefined;
  readonly reader: MemberReader;
  readonly container: Container<T>;
}

/** Not by recursion: each step would have to come up through all that is open. */
function* build<T>(text: string, parts: LargeParts, builder: Builder<T>, numbers: Numbers): Steps<T> {
  const open = (key: string | undefined, start: number, end: number): Frame<T> => {
    const reader = new MemberReader(text, parts, [start, end], numbers);
    return { key, reader, container: builder.open(reader.isObject) };
  };
  const outer: Frame<T>[] = [];
  let frame = open(undefined, parts.start, parts.end);
  for (;;) {
    const members = frame.reader.next();
    if (!members) {
      const value = yield* frame.container.close();
      const parent = outer.pop();
      if (!parent) return value;
      parent.container.add(frame.key, value);
      frame = parent;
    } else if (members.kind === 'few') {
      frame.container.addFew(members.values);
    } else if (parts.overfull.has(members.start)) {
      frame.container.addFew([null]);
    } else if (text.charCodeAt(members.start) === 0x22) {
      frame.container.add(members.key, yield* builder.string(piecesOfString(text, members.start, members.end)));
    } else {
      outer.push(frame);
      frame = open(members.key, members.start, members.end);
    }
    yield;
  }
}
