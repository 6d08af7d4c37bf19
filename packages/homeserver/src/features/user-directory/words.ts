const mostWords = 40;
const longestWord = 64;
/** Display names are short; of a text that isn't, the beginning counts. */
const longestText = 1_000;

const ascii = /^[a-z0-9]*$/;
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** The words of a text as they are kept and looked for: normalized, lower case, each once; punctuation parts them. */
export function wordsOf(text: string, most = mostWords): string[] {
  const words = new Set<string>();
  for (const part of normalized(text).split(/[\s\p{P}\p{S}\p{C}]+/u)) {
    if (part === '') continue;
    // The segmenter would say so too, but takes 0.1 ms for it: much, for the people of a large room.
    if (ascii.test(part)) words.add(part.slice(0, longestWord));
    else addSegments(part, words);
    if (words.size >= most) return [...words].slice(0, most);
  }
  return [...words];
}

function addSegments(part: string, words: Set<string>): void {
  for (const { segment, isWordLike } of segmenter.segment(part)) {
    if (isWordLike === true) words.add([...segment].slice(0, longestWord).join(''));
  }
}

/** What a search text stands for, so that equal texts look equal: "É" is "é", "ﬁ" is "fi". */
function normalized(text: string): string {
  return text.slice(0, longestText).normalize('NFKC').toLowerCase().normalize('NFKC');
}
