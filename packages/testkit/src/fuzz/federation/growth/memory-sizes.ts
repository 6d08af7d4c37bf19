import { Session } from 'node:inspector';
import { inspect, types } from 'node:util';
import { LRUCache } from 'lru-cache';

/** A map or set. */
type Holder = object;

/**
 * How much each map and set of this process holds, wherever it is, but for the caches that have a bound. They are
 * found in the way of debuggers, the only one that leads to all of them.
 */
export class MemorySizes {
  readonly #session = new Session();
  readonly #own = new WeakSet<Holder>();

  constructor() {
    this.#session.connect();
  }

  sizes(): Map<Holder, number> {
    const bounded = new Set<unknown>();
    for (const cache of this.#all<LRUCache<object, object>>(LRUCache.prototype)) {
      bounded.add(LRUCache.unsafeExposeInternals(cache).keyMap);
    }
    const found = new Map<Holder, number>();
    for (const each of [bounded, found]) this.#own.add(each);
    const note = (each: Holder, size: number): void => {
      if (!bounded.has(each) && !this.#own.has(each)) found.set(each, size);
    };
    // Prototypes of classes that extend them are found too, and are none.
    for (const map of this.#all<ReadonlyMap<unknown, unknown>>(Map.prototype))
      if (types.isMap(map)) note(map, map.size);
    for (const set of this.#all<ReadonlySet<unknown>>(Set.prototype)) if (types.isSet(set)) note(set, set.size);
    return found;
  }

  close(): void {
    this.#session.disconnect();
  }

  /** Everything that has a prototype, after a collection of what nobody holds. */
  #all<T>(prototype: object): readonly T[] {
    let found: readonly T[] = [];
    const global = globalThis as unknown as Record<string, unknown>;
    global['memorySizesPrototype'] = prototype;
    global['memorySizesTake'] = (objects: readonly T[]): void => void (found = objects);
    const { result } = this.#post('Runtime.evaluate', { expression: 'globalThis.memorySizesPrototype' });
    const objectId = result?.objectId;
    const list = this.#post('Runtime.queryObjects', { prototypeObjectId: objectId })['objects']?.objectId;
    const functionDeclaration = 'function () { globalThis.memorySizesTake(this); }';
    this.#post('Runtime.callFunctionOn', { functionDeclaration, objectId: list });
    for (const each of [objectId, list]) this.#post('Runtime.releaseObject', { objectId: each });
    delete global['memorySizesPrototype'];
    delete global['memorySizesTake'];
    return found;
  }

  /** What is asked of one's own thread is answered at once. */
  #post(method: string, params: object): Record<string, { readonly objectId?: string }> {
    let answer: Record<string, { readonly objectId?: string }> | undefined;
    this.#session.post(method, params, (error, result) => {
      if (error) throw error;
      answer = result as typeof answer;
    });
    if (!answer) throw new Error(`${method} was not answered at once`);
    return answer;
  }
}

/** What kind of thing it is, with a little of its end. */
export function sketchOf(each: Holder): string {
  const items: unknown[] = types.isMap(each) || types.isSet(each) ? [...each].slice(-3) : [];
  return `${each.constructor.name} with ${inspect(items, { depth: 2, breakLength: Infinity }).slice(0, 1_000)}`;
}
