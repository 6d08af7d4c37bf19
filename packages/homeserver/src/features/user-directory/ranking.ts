import { wordsOf } from './words.ts';

export interface DirectoryEntry {
  readonly userId: string;
  readonly displayName: string | undefined;
  readonly avatarUrl: string | undefined;
  readonly isLocal: boolean;
}

/** How much a match in each part of an entry counts, as in Synapse. */
const weights = { localpart: 1, name: 0.9, server: 0.1 };

/** How well an entry fits; the higher the better. Whole words count more than beginnings, filled profiles more than empty ones. */
export function rank(entry: DirectoryEntry, terms: readonly string[], prefersLocal: boolean): number {
  const colon = entry.userId.indexOf(':');
  const parts = [
    { words: wordsOf(entry.userId.slice(1, colon)), weight: weights.localpart },
    { words: wordsOf(entry.displayName ?? ''), weight: weights.name },
    { words: wordsOf(entry.userId.slice(colon + 1)), weight: weights.server },
  ];
  let score = 0;
  for (const term of terms) {
    score += Math.max(
      ...parts.map(({ words, weight }) => {
        if (words.includes(term)) return 4 * weight;
        return words.some((word) => word.startsWith(term)) ? weight : 0;
      }),
    );
  }
  if (entry.displayName !== undefined) score *= 1.2;
  if (entry.avatarUrl !== undefined) score *= 1.2;
  return prefersLocal && entry.isLocal ? score * 2 : score;
}
