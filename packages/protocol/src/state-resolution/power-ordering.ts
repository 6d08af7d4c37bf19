import type { EventWithId } from '../auth/auth-state.ts';
import { roomCreators } from '../auth/creators.ts';
import { readLevel, type Level } from '../auth/level.ts';
import { PowerLevels } from '../auth/power-levels.ts';
import { compareCodePoints } from '../json/canonical.ts';
import { MinHeap } from './min-heap.ts';
import { eventsBetweenPauses, type Resolution } from './resolution.ts';
import type { ResolutionWorkspace } from './workspace.ts';

/** Whether an event might take away somebody's ability to do something (Room Version 2, "Power events"). */
export function isPowerEvent({ pdu }: EventWithId): boolean {
  switch (pdu.type) {
    case 'm.room.power_levels':
    case 'm.room.join_rules':
    // Not by the definition's letter, but it comes to the same (nothing decides on a create event) and all servers do it.
    case 'm.room.create':
      return pdu.state_key === '';
    case 'm.room.member': {
      const { membership } = pdu.content;
      return (membership === 'leave' || membership === 'ban') && pdu.sender !== pdu.state_key;
    }
    default:
      return false;
  }
}

/**
 * The power events of the full conflicted set and those of the set that they are authorized by, in *reverse topological
 * power ordering* (Room Version 2). The auth events of all of them must have been loaded. Events that name each other in a
 * circle, as ids chosen by the sender allow, are left out.
 */
export function* sortedPowerEvents(
  work: ResolutionWorkspace,
  fullConflicted: ReadonlyMap<string, EventWithId>,
): Resolution<EventWithId[]> {
  const graph = powerGraph(work, fullConflicted);
  let looked = 0;
  const waiting = new Map<string, number>();
  const authorizes = new Map<string, Ranked[]>();
  const ready = new MinHeap<Ranked>(comesBefore);
  for (const [id, authIds] of graph) {
    if (looked++ % eventsBetweenPauses === 0) yield { kind: 'pause' };
    const event = fullConflicted.get(id)!;
    const ranked: Ranked = { event, level: senderLevel(work, event), timestamp: timestampOf(event) };
    waiting.set(id, authIds.length);
    if (authIds.length === 0) ready.push(ranked);
    for (const authId of authIds) {
      const dependents = authorizes.get(authId);
      if (dependents) dependents.push(ranked);
      else authorizes.set(authId, [ranked]);
    }
  }
  const sorted: EventWithId[] = [];
  for (let next = ready.pop(); next; next = ready.pop()) {
    if (looked++ % eventsBetweenPauses === 0) yield { kind: 'pause' };
    sorted.push(next.event);
    for (const dependent of authorizes.get(next.event.eventId) ?? []) {
      const left = waiting.get(dependent.event.eventId)! - 1;
      waiting.set(dependent.event.eventId, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return sorted;
}

/** When the event says that it was made: exact even where room versions 1 to 5 let big numbers through. */
export function timestampOf({ pdu }: EventWithId): Level {
  return readLevel(pdu.origin_server_ts) ?? 0;
}

interface Ranked {
  readonly event: EventWithId;
  readonly level: Level;
  readonly timestamp: Level;
}

function comesBefore(x: Ranked, y: Ranked): boolean {
  if (x.level !== y.level) return x.level > y.level;
  if (x.timestamp !== y.timestamp) return x.timestamp < y.timestamp;
  return compareCodePoints(x.event.eventId, y.event.eventId) < 0;
}

/** From each event to the ids of its auth events that are in the full conflicted set. */
function powerGraph(
  work: ResolutionWorkspace,
  fullConflicted: ReadonlyMap<string, EventWithId>,
): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  const queue = [...fullConflicted.values()].filter(isPowerEvent);
  for (let event = queue.pop(); event; event = queue.pop()) {
    if (graph.has(event.eventId)) continue;
    const authIds = [...new Set(work.authEventIds(event))].filter((id) => fullConflicted.has(id));
    graph.set(event.eventId, authIds);
    for (const id of authIds) queue.push(fullConflicted.get(id)!);
  }
  return graph;
}

/** The sender's power level "when looking at their respective auth_events". One that can't be read counts as 0. */
function senderLevel(work: ResolutionWorkspace, event: EventWithId): Level {
  const create = work.authEventOfType(event, 'm.room.create');
  const creators = create ? roomCreators(create.pdu, work.version) : { userIds: [], privileged: false };
  const content = work.authEventOfType(event, 'm.room.power_levels')?.pdu.content;
  const level = new PowerLevels(content, creators).userLevel(event.pdu.sender);
  return Number.isNaN(level) ? 0 : level;
}
