import type { Reader } from '@myelin/database';
import { memberOfKey, type EventNid, type StateKeyNid } from '../names/index.ts';
import type { StateMaps } from '../state-map/index.ts';
import type { IndexedView } from './indexed-view.ts';
import type { StateView } from './state-view.ts';

/** What each of several states has for a key on which they don't agree, in their order. */
export type Differences = ReadonlyMap<StateKeyNid, readonly (EventNid | undefined)[]>;

/** Where states differ; undefined if in more than `most` keys. Costs about as much as they differ, not as they are large. */
export async function differencesOf(
  states: readonly IndexedView[],
  maps: StateMaps,
  reader: Reader | undefined,
  most = Infinity,
): Promise<Map<StateKeyNid, readonly (EventNid | undefined)[]> | undefined> {
  const first = states[0] as IndexedView;
  const keys = new Set<StateKeyNid>();
  for (const state of states) {
    for (const { key, before, after } of await maps.diff(first.view.root, state.view.root, reader, most)) {
      keys.add(key);
      first.note(key, before);
      state.note(key, after);
    }
    for (const { key } of state.view.changes) keys.add(key);
    if (keys.size > most) return undefined;
  }
  const out = new Map<StateKeyNid, readonly (EventNid | undefined)[]>();
  for (const key of keys) {
    const values: (EventNid | undefined)[] = [];
    for (const state of states) values.push(await state.value(key));
    if (values.some((value) => value !== values[0])) out.set(key, values);
  }
  return out;
}

/**
 * Where some of the states lack members who aren't known yet: those whom the states that have them have alike are assumed in the
 * others too, and are no difference then. `mayAssume`: whether this event may be assumed. Returns what was assumed.
 */
export function assumeMembers(
  states: readonly IndexedView[],
  differences: Map<StateKeyNid, readonly (EventNid | undefined)[]>,
  mayAssume: (event: EventNid) => boolean,
): Map<StateKeyNid, EventNid> {
  const assumed = new Map<StateKeyNid, EventNid>();
  for (const [key, values] of differences) {
    if (memberOfKey(key) === undefined || !values.includes(undefined)) continue;
    const known = new Set(values.filter((value) => value !== undefined));
    const [event] = known;
    if (event === undefined || known.size > 1 || !mayAssume(event)) continue;
    differences.delete(key);
    assumed.set(key, event);
    for (const [i, state] of states.entries()) if (values[i] === undefined) state.assume(key, event);
  }
  return assumed;
}

/** What a state has for a key. */
export async function valueIn(
  view: StateView,
  key: StateKeyNid,
  maps: StateMaps,
  reader: Reader | undefined,
): Promise<EventNid | undefined> {
  const changed = view.changes.find((change) => change.key === key);
  return changed ? changed.event : maps.get(view.root, key, reader);
}
