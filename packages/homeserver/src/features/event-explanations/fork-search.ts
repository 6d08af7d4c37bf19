import { prevEventIds } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid } from '../names/index.ts';
import type { StateMaps } from '../state-map/index.ts';
import type { RoomHead } from '../timeline/index.ts';

export interface ForkSearchParts {
  readonly events: Events;
  readonly maps: StateMaps;
}

/** So many events behind one are looked through for the place where its branch met another. */
const page = 500;
const mostPages = 40;

/** Where the branch of a state event met one that has something else in its place. */
export interface Meeting {
  /** The event that follows both; undefined if none does yet. */
  readonly at: StoredEvent | undefined;
  readonly branches: readonly StoredEvent[];
}

/** Finds the first event behind a state event at which states met that don't agree on it. */
export async function findMeeting(
  head: RoomHead,
  subject: StoredEvent,
  parts: ForkSearchParts,
): Promise<Meeting | undefined> {
  const { events } = parts;
  let point = { depth: subject.fields.depth, position: subject.position ?? 0 };
  for (let pages = 0; pages < mostPages; pages++) {
    const some = await events.timeline.after(head.room, point, page);
    for (const at of some) {
      const ids = prevEventIds(at.pdu, head.version);
      if (ids.length < 2) continue;
      const branches = [...(await events.findMany(ids)).values()].filter((event) => !event.isOutlier);
      if (await disagreeOn(subject, branches, parts)) return { at, branches };
    }
    const last = some.at(-1);
    if (!last || some.length < page) break;
    point = { depth: last.fields.depth, position: last.position as number };
  }
  const branches = head.extremities;
  return (await disagreeOn(subject, branches, parts)) ? { at: undefined, branches } : undefined;
}

async function disagreeOn(
  subject: StoredEvent,
  branches: readonly StoredEvent[],
  { maps }: ForkSearchParts,
): Promise<boolean> {
  const key = subject.fields.stateKeyNid;
  if (key === undefined) return false;
  const values = new Set<EventNid | undefined>();
  for (const { fields } of branches) values.add(await maps.get(fields.stateAfter, key));
  return values.size > 1 && values.has(subject.nid);
}
