import { foldCase } from '../matching/case-fold.ts';
import { ownValueOf } from './rule-set-view.ts';

/** A name to look for in bodies. */
export interface Word {
  /** Case-folded. */
  readonly text: string;
  /** The first run of word characters in it, which a body that contains it at word boundaries has as a whole word. */
  readonly token: string | undefined;
}

/** The user whose rules are evaluated. */
export class PushReader {
  readonly userId: string;
  readonly foldedUserId: string;
  readonly localpart: Word | undefined;
  #displayName: string | null = null;
  #displayNameWord: Word | undefined;

  constructor(userId: string) {
    this.userId = userId;
    this.foldedUserId = foldCase(userId);
    this.localpart = wordOf(ownValueOf(userId, 'localpart'));
  }

  /** The display name in the room; most users have the same one everywhere. */
  set displayName(name: string | null) {
    if (name === this.#displayName) return;
    this.#displayName = name;
    this.#displayNameWord = wordOf(name);
  }

  /** undefined: there is none. */
  get displayNameWord(): Word | undefined {
    return this.#displayNameWord;
  }
}

function wordOf(name: string | null): Word | undefined {
  if (!name) return undefined;
  const text = foldCase(name);
  return { text, token: /\w+/.exec(text)?.[0] };
}
