import { JsonSyntaxError } from './exact-parser.ts';
import { pieceSize } from './large-parts.ts';
import { parseJson } from './parse.ts';

/**
 * The text of a JSON string from its quotation mark on, in pieces. Surrogates that belong together stay so. Throws
 * JsonSyntaxError.
 */
export function* piecesOfString(text: string, start: number, end: number): Generator<string> {
  const close = end - 1;
  let from = start + 1;
  while (from < close) {
    const cut = cutBehind(text, from, Math.min(from + pieceSize, close), close);
    const parsed = parseJson(`"${text.slice(from, cut)}"`);
    if (!parsed.ok) throw new JsonSyntaxError(parsed.reason);
    yield parsed.value as string;
    from = cut;
  }
}

/** The first place from `wanted` on that is neither inside of an escape nor behind the first half of a pair. */
function cutBehind(text: string, from: number, wanted: number, close: number): number {
  let at = from;
  let isHalf = false;
  while (at < wanted || (isHalf && at < close)) {
    const unit = text.charCodeAt(at);
    if (unit !== 0x5c) {
      isHalf = isFirstHalf(unit);
      at++;
    } else if (text[at + 1] === 'u') {
      isHalf = isFirstHalf(Number.parseInt(text.slice(at + 2, at + 6), 16));
      at += 6;
    } else {
      isHalf = false;
      at += 2;
    }
  }
  return Math.min(at, close);
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
