const mostWords = 40;
const longestWord = 64;
/** Display names are short; of a text that isn't, the beginning counts. */
const longestText = 1_000;

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** The words of a text as they are kept and looked for: normalized, lower case, each once; punctuation parts them. */
export function wordsOf(text: string, most = mostWords): string[] {
  const words = new Set<string>();
  for (const part of normalized(text).split(/[\s\p{P}\p{S}\p{C}]+/u)) {
    if (part === '') continue;
    for (const { segment, isWordLike } of segmenter.segment(part)) {
      if (isWordLike !== true) continue;
      words.add([...segment].slice(0, longestWord).join(''));
      if (words.size >= most) return [...words];
    }
  }
  return [...words];
}

/** What a search text stands for, so that equal texts look equal: "É" is "é", "ﬁ" is "fi". */
function normalized(text: string): string {
  return text.slice(0, longestText).normalize('NFKC').toLowerCase().normalize('NFKC');
}
