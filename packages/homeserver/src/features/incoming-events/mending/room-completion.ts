import type { Writer } from '@myelin/database';
import { MatrixError } from '@myelin/api';
import { prevEventIds } from '@myelin/protocol';
import type { Log } from '../../../observability/log.ts';
import type { StoredEvent } from '../../events/index.ts';
import type { PartialEvent, PartialRooms } from '../../partial-rooms/index.ts';
import type { JoinedServers } from '../../room-servers/index.ts';
import type { StateRoot } from '../../state-map/index.ts';
import { viewOf } from '../../state-resolution/index.ts';
import type { RoomHead } from '../../timeline/index.ts';
import { FetchBudget } from '../fetching/fetch-budget.ts';
import { replay, restateReplayed, type ReplayedEventsParts } from './replayed-events.ts';
import type { Replayed } from './state-replay.ts';
import type { StatesBefore } from '../placing/states-before.ts';

export interface RoomCompletionParts extends ReplayedEventsParts {
  readonly partialRooms: PartialRooms;
  readonly roomServers: Pick<JoinedServers, 'endAssuming'>;
  readonly statesBefore: StatesBefore;
  readonly log: Log;
}

/** What the members of one room may make us fetch. */
const budgetOfRoom = { events: 200_000, states: 40, isOwn: true };

/** Makes rooms whole that this server entered without their members. Server-Server API §PUT /send_join. */
export class RoomCompletion {
  readonly #parts: RoomCompletionParts;

  constructor(parts: RoomCompletionParts) {
    this.#parts = parts;
  }

  /**
   * Asks a server for the states that the room's joins rest on, and keeps them. Throws MatrixError if it doesn't tell them,
   * or tells such as don't allow a join that others have taken.
   */
  async ask(server: string, head: RoomHead, signal?: AbortSignal): Promise<void> {
    const { partialRooms, events, statesBefore, resolver, database } = this.#parts;
    const budget = new FetchBudget(budgetOfRoom, signal);
    for (const { event: nid, told } of await partialRooms.eventsOf(head.room)) {
      const event = await events.get(nid);
      const known = new Map(told);
      for (const id of new Set(prevEventIds(event.pdu, head.version))) {
        const before = known.has(id) ? undefined : await events.find(id);
        if (known.has(id) || (before?.room === head.room && !before.isOutlier)) continue;
        const state = await statesBefore.stateAfterMissing(server, head, id, budget);
        known.set(id, await database.transact((writer) => resolver.store(writer, state)));
      }
      if (known.size === told.size) continue;
      await this.#check(head, event, known);
      await database.transact((writer) => partialRooms.note(writer, head.room, { event: nid, told: known }));
    }
  }

  /** Finds out the states of all events anew, and the room's. Nobody else takes in events of the room meanwhile. */
  async finish(scope: RoomHead): Promise<void> {
    const { partialRooms, log } = this.#parts;
    const { room } = scope;
    const first = await partialRooms.eventsOf(room);
    const since = (_head: RoomHead, writer: Writer): Promise<PartialEvent[]> => partialRooms.eventsOf(room, writer);
    await replay(this.#parts, scope, first, since, async (writer, head, replayed) => {
      if (partialRooms.isPartialIn(writer, room)) await this.#write(writer, head, replayed);
    });
    log.info({ room: scope.roomId, events: first.length }, 'the members of a room are known');
  }

  /** The state that is told must allow the join by which this server is in the room. */
  async #check(head: RoomHead, event: StoredEvent, told: PartialEvent['told']): Promise<void> {
    const { resolver, judge } = this.#parts;
    const state = await resolver.resolve(head, [...told.values()].map(viewOf));
    const decision = await judge.byState(head, { pdu: event.unredactedPdu }, state);
    if (!decision.allowed) throw new MatrixError('M_FORBIDDEN', `By the state that is told: ${decision.message}`);
  }

  async #write(writer: Writer, head: RoomHead, replayed: readonly Replayed[]): Promise<void> {
    const { partialRooms, events, roomServers } = this.#parts;
    const { room } = head;
    const partial = partialRooms.get(room);
    if (!partial) return;
    await partialRooms.noteShown(writer, room, await this.#shown(writer, replayed));
    await events.timeline.dropCurrentStates(writer, room, partial.position);
    const { position, changes } = await restateReplayed(this.#parts, writer, head, partial.event, replayed);
    await roomServers.endAssuming(writer, room);
    await partialRooms.complete(writer, { partial, position, changes });
  }

  /** What clients that load members lazily were shown as the room's state, by the positions at which it changed. */
  async #shown(writer: Writer, replayed: readonly Replayed[]): Promise<Map<number, StateRoot>> {
    const positions = replayed.map(({ before }) => before.position ?? 0).filter((position) => position > 0);
    const shown = new Map<number, StateRoot>();
    let last: StateRoot | undefined;
    const room = replayed[0]?.before.room;
    for (const position of positions.toSorted((a, b) => a - b)) {
      const state = room && (await this.#parts.events.timeline.pointAt(room, position, writer))?.state;
      if (state !== undefined && state !== last) shown.set(position, (last = state));
    }
    return shown;
  }
}
