import type { Writer } from '@myelin/database';
import { prevEventIds } from '@myelin/protocol';
import type { AuthGraph } from '../../auth-graph/index.ts';
import type { StoredEvent } from '../../events/index.ts';
import type { EventNid } from '../../names/index.ts';
import type { Streams } from '../../streams/index.ts';
import type { PartialEvent } from '../../partial-rooms/index.ts';
import {
  restateWholeEnds,
  type EventPlacer,
  type HistoryGaps,
  type Restatement,
  type Revisions,
  type RoomHead,
  type Timeline,
} from '../../timeline/index.ts';
import { idsOfAuthEvents } from '../checking/event-judge.ts';
import { isOther, StateReplay, type Replayed, type StateReplayParts } from './state-replay.ts';

export interface ReplayedEventsParts extends StateReplayParts {
  readonly graph: AuthGraph;
  readonly streams: Streams;
  readonly placer: EventPlacer;
  readonly timeline: Timeline;
  readonly revisions: Revisions;
  readonly historyGaps: HistoryGaps;
}

/** What a room's events are when they have been judged anew. */
interface PlacedAnew {
  /** The room's ends. */
  readonly extremities: readonly StoredEvent[];
  /** Events that count now and didn't before. */
  readonly back: readonly StoredEvent[];
  /** Events that were shown and don't count any more. */
  readonly takenBack: readonly StoredEvent[];
}

/**
 * Judges events of a room anew, and writes what comes out in one transaction of the room. That they are judged before it
 * begins keeps nobody waiting; `since` finds what local users have sent meanwhile. Throws MissingEventsError.
 */
export async function replay(
  parts: ReplayedEventsParts,
  scope: RoomHead,
  first: readonly PartialEvent[],
  since: (head: RoomHead, writer: Writer) => Promise<readonly PartialEvent[]>,
  write: (writer: Writer, head: RoomHead, replayed: readonly Replayed[]) => Promise<void>,
): Promise<void> {
  const outside = new StateReplay(parts, scope);
  await outside.run(first);
  await parts.timeline.write(scope.room, async (writer, head) => {
    const inside = outside.copy();
    await inside.run(await since(head, writer), writer);
    await write(writer, head, [...inside.done.values()]);
  });
}

/**
 * Writes what a replay has found out of a room's events, and gives the room the state that its ends now resolve to. `event`:
 * the one that the change is told by; `isEnd`: which of the ends stay ends.
 */
export async function restateReplayed(
  parts: ReplayedEventsParts,
  writer: Writer,
  head: RoomHead,
  event: EventNid,
  replayed: readonly Replayed[],
  isEnd: (event: StoredEvent) => boolean = () => true,
): Promise<Restatement> {
  const placed = await placeReplayed(parts, writer, head, replayed);
  const restatement = await restateWholeEnds(parts, writer, head, event, placed.extremities.filter(isEnd));
  await parts.revisions.tell(writer, restatement.head, placed);
  return restatement;
}

/** They stand behind what they follow. */
async function placeReplayed(
  parts: ReplayedEventsParts,
  writer: Writer,
  head: RoomHead,
  replayed: readonly Replayed[],
): Promise<PlacedAnew> {
  const placed = new Map<EventNid, StoredEvent>();
  const back: StoredEvent[] = [];
  const takenBack: StoredEvent[] = [];
  const floor = await parts.historyGaps.entryDepth(head.room);
  for (const each of replayed) {
    const event = await place(parts, writer, head, each, floor);
    placed.set(event.nid, event);
    if (event.isShown && !each.before.isShown) back.push(event);
    if (!event.isShown && each.before.isShown) takenBack.push(event);
  }
  const extremities = [
    ...head.extremities.map((event) => placed.get(event.nid) ?? event),
    ...back.filter((event) => !isHistory(event) && !isFollowed(event, [...placed.values()], head)),
  ];
  return { extremities, back, takenBack };
}

async function place(
  parts: ReplayedEventsParts,
  writer: Writer,
  scope: RoomHead,
  each: Replayed,
  floor: number,
): Promise<StoredEvent> {
  const { events, graph } = parts;
  const { before, after, refusal } = each;
  const { nid } = after;
  const { stateBefore, stateAfter, status } = after.fields;
  const isBack = isOther(each) && !after.isRejected;
  const position = isBack && after.isShown ? newPosition(parts, writer, after, floor) : after.position;
  if (isOther(each) && refusal) await events.noteRefusal(writer, nid, refusal);
  if (isBack) {
    await events.dropRefusal(writer, nid);
    const authEvents = await events.findNids(idsOfAuthEvents(scope, after), writer);
    if (after.isState) await graph.add(writer, after, [...authEvents.values()], false);
  }
  return events.place(writer, before, { position, stateBefore, stateAfter, status });
}

/** What is older than this server's coming into the room, of the depth `floor`, is history also where it counts only now. */
function newPosition(
  { streams, placer }: ReplayedEventsParts,
  writer: Writer,
  { room, nid, fields: { depth } }: StoredEvent,
  floor: number,
): number {
  return depth < floor ? placer.historyPosition() : streams.next(writer, { kind: 'event', room, event: nid });
}

function isHistory({ position = 0 }: StoredEvent): boolean {
  return position < 0;
}

/** Whether an event comes before one that counts, or before one that doesn't and that one's followers. */
function isFollowed(event: StoredEvent, all: readonly StoredEvent[], { version }: RoomHead): boolean {
  const reached = new Set([event.eventId]);
  // Followers stand behind what they follow, so one pass is enough.
  for (const each of all) {
    if (!prevEventIds(each.pdu, version).some((id) => reached.has(id))) continue;
    if (each.isShown) return true;
    reached.add(each.eventId);
  }
  return false;
}
