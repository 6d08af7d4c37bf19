import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { foldCase } from '../matching/case-fold.ts';
import { containsWord } from '../matching/glob.ts';
import { valueAt } from '../matching/property-path.ts';
import type { Word } from './push-reader.ts';
import type { PushContext } from './types.ts';

/** Bodies are cut into words when more names than this are looked for. */
const searchesBeforeSplitting = 8;

/** Shorter lists are searched as they are. */
const listToIndex = 8;

/** Steps of glob matching that one rule set may take on one event: far more than honest rules need, some milliseconds. */
const globSteps = 4_000_000;

/** What comes to a verdict on an event: a rule set. */
interface Judge<Verdict> {
  decide(event: PushEvent): Verdict;
}

/**
 * An event as push rules see it, made once for all readers. What rules ask for is worked out when it is first asked for
 * and kept.
 */
export class PushEvent {
  readonly context: PushContext;
  readonly roomId: JsonValue | undefined;
  readonly sender: JsonValue | undefined;
  /** Whether the event says itself whom it mentions. */
  readonly hasMentions: boolean;
  readonly #event: JsonObject;
  readonly #type: string | null;
  #body: string | null | undefined;
  #words: Set<string> | undefined;
  #searches = 0;
  #lastWord: Word | undefined;
  #lastWordFound = false;
  #folded: Map<string, string | null> | undefined;
  #lists: Map<string, ReadonlySet<JsonValue>> | undefined;
  #verdicts: Map<Judge<unknown>, unknown> | undefined;
  #lastJudge: Judge<unknown> | undefined;
  #lastVerdict: unknown;
  #stepsLeft = globSteps;

  constructor(event: JsonObject, context: PushContext) {
    this.#event = event;
    this.context = context;
    this.roomId = context.roomId ?? getOwn(event, 'room_id');
    this.sender = getOwn(event, 'sender');
    const type = getOwn(event, 'type');
    this.#type = typeof type === 'string' ? foldCase(type) : null;
    const content = getOwn(event, 'content');
    this.hasMentions = isJsonObject(content) && Object.hasOwn(content, 'm.mentions');
  }

  value(path: readonly string[]): JsonValue | undefined {
    if (path.length === 1 && path[0] === 'room_id') return this.roomId;
    return valueAt(this.#event, path);
  }

  /** The case-folded string at a path, or null. `key` names the path. */
  folded(key: string, path: readonly string[]): string | null {
    if (key === 'type') return this.#type;
    if (key === 'content.body') return this.body;
    const known = this.#folded?.get(key);
    if (known !== undefined) return known;
    const value = this.value(path);
    const folded = typeof value === 'string' ? foldCase(value) : null;
    this.#folded ??= new Map();
    this.#folded.set(key, folded);
    return folded;
  }

  /** content.body, case-folded; null unless it is a string. */
  get body(): string | null {
    if (this.#body !== undefined) return this.#body;
    const body = valueAt(this.#event, ['content', 'body']);
    this.#body = typeof body === 'string' ? foldCase(body) : null;
    return this.#body;
  }

  /** Whether the body contains a name at word boundaries. */
  bodyContains(word: Word): boolean {
    if (word === this.#lastWord) return this.#lastWordFound;
    this.#lastWord = word;
    this.#lastWordFound = this.#search(word);
    return this.#lastWordFound;
  }

  #search(word: Word): boolean {
    const { body } = this;
    if (body === null) return false;
    if (word.token !== undefined && ++this.#searches > searchesBeforeSplitting) {
      this.#words ??= new Set(body.match(/\w+/g));
      if (!this.#words.has(word.token)) return false;
    }
    return containsWord(body, word.text);
  }

  /** Whether there is a list at the path that contains the value. `key` names the path. */
  listContains(key: string, path: readonly string[], value: JsonValue): boolean {
    const known = this.#lists?.get(key);
    if (known) return known.has(value);
    const list = this.value(path);
    if (!Array.isArray(list)) return false;
    if (list.length <= listToIndex) return list.includes(value);
    this.#lists ??= new Map();
    const index = new Set(list);
    this.#lists.set(key, index);
    return index.has(value);
  }

  /** What a rule set says as far as it doesn't depend on the reader, worked out once. */
  verdictOf<Verdict>(judge: Judge<Verdict>): Verdict {
    if (this.#lastJudge === judge) return this.#lastVerdict as Verdict;
    this.#verdicts ??= new Map();
    let verdict = this.#verdicts.get(judge) as Verdict | undefined;
    if (verdict === undefined) {
      this.#stepsLeft = globSteps;
      verdict = judge.decide(this);
      this.#verdicts.set(judge, verdict);
    }
    this.#lastJudge = judge;
    this.#lastVerdict = verdict;
    return verdict;
  }

  /** Takes steps of glob matching out of what the rule set may use; false: there aren't so many left. */
  spend(steps: number): boolean {
    this.#stepsLeft -= steps;
    return this.#stepsLeft >= 0;
  }
}
