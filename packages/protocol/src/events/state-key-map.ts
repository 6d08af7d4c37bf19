/** A map by (type, state_key). Two plain maps are quicker than one with keys put together from both. */
export class StateKeyMap<Value> {
  readonly #byType = new Map<string, Map<string, Value>>();

  get(type: string, stateKey: string): Value | undefined {
    return this.#byType.get(type)?.get(stateKey);
  }

  has(type: string, stateKey: string): boolean {
    return this.#byType.get(type)?.has(stateKey) ?? false;
  }

  set(type: string, stateKey: string, value: Value): void {
    const ofType = this.#byType.get(type);
    if (ofType) ofType.set(stateKey, value);
    else this.#byType.set(type, new Map([[stateKey, value]]));
  }

  *values(): Generator<Value> {
    for (const ofType of this.#byType.values()) yield* ofType.values();
  }
}
