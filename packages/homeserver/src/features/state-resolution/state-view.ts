import type { StoredEvent } from '../events/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import type { StateChange, StateRoot } from '../state-map/index.ts';

/** A state that need not be stored yet: a stored one, and what is other than there. */
export interface StateView {
  readonly root: StateRoot;
  /** At most one for a key. */
  readonly changes: readonly StateChange[];
}

export function viewOf(root: StateRoot): StateView {
  return { root, changes: [] };
}

/** The states after stored events. */
export function statesAfter(events: readonly StoredEvent[]): StateView[] {
  return events.map((event) => viewOf(event.fields.stateAfter));
}

/** The state with one key set. */
export function withEntry(view: StateView, key: StateKeyNid, event: EventNid): StateView {
  return { root: view.root, changes: [...view.changes.filter((change) => change.key !== key), { key, event }] };
}

/** The same text for the same view. */
export function keyOfView({ root, changes }: StateView): string {
  if (changes.length === 0) return String(root);
  const texts = changes.map(({ key, event }) => `${key}=${event ?? 0}`);
  return `${root}:${texts.toSorted().join(',')}`;
}
