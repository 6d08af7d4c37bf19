import { sql } from '@myelin/database';
import type { Assembly } from '@myelin/homeserver';
import type { Pdu, RoomVersion } from '@myelin/protocol';
import type { ShownInHistory, WorldUser } from './world-user.ts';

/** An event as a server keeps it. */
export interface KeptEvent {
  /** As it was before any redaction. */
  readonly pdu: Pdu;
  readonly isRejected: boolean;
  readonly isSoftFailed: boolean;
  readonly isOutlier: boolean;
  /** Of before the server came in, and asked for later: with the state that somebody told. */
  readonly isEarlier: boolean;
  /** By which the server came into the room: the state before it is what another server told. */
  readonly isEntry: boolean;
  readonly stateBefore: StateRoot;
}

type Core = Assembly['core'];
type StateRoot = Head['state'];
type Head = NonNullable<Awaited<ReturnType<Core['heads']['find']>>>;

/** A room as one server has it, and as its user sees it. */
export interface ServerView {
  readonly user: WorldUser;
  readonly name: string;
  readonly version: RoomVersion;
  readonly head: Head;
  /** Event id by `type|state_key`. */
  readonly state: ReadonlyMap<string, string>;
  stateAt(root: StateRoot): Promise<ReadonlyMap<string, string>>;
  /** The events that nothing follows yet. */
  readonly ends: readonly string[];
  readonly events: ReadonlyMap<string, KeptEvent>;
  /** Whom the server takes to be in the room. */
  readonly joined: ReadonlySet<string>;
  /** What the user is shown, newest first: event id and all that may not differ, as text. */
  readonly history: readonly ShownInHistory[];
}

/** Undefined if the server doesn't know the room, or doesn't count its user as joined. */
export async function viewOf(user: WorldUser, roomId: string): Promise<ServerView | undefined> {
  const { name, server } = user.home;
  const { names, heads, states, database, events } = server.core;
  const room = await names.findRoom(roomId);
  const head = room === undefined ? undefined : await heads.find(room);
  if (room === undefined || !head) return undefined;
  const current = await states.all(head.state);
  const joined = new Set(
    current
      .filter(({ type, content }) => type === 'm.room.member' && content['membership'] === 'join')
      .map(({ stateKey }) => stateKey as string),
  );
  if (!joined.has(user.userId)) return undefined;
  const rows = await database.reader.all<{ nid: number }>(sql`SELECT nid FROM events WHERE room = ${room}`);
  const stored = await events.getMany(rows.map(({ nid }) => nid as never));
  const kept = [...stored.values()].map((event): [string, KeptEvent] => {
    const { unredactedPdu: pdu, isRejected, isSoftFailed, isOutlier, position = 0, fields } = event;
    const isEntry = user.home.watch?.isEntry(event.eventId) === true;
    const { stateBefore } = fields;
    return [event.eventId, { pdu, isRejected, isSoftFailed, isOutlier, isEarlier: position < 0, isEntry, stateBefore }];
  });
  return {
    user,
    name,
    version: head.version,
    head,
    state: namesOf(current),
    stateAt: async (root) => namesOf(await states.all(root)),
    ends: head.extremities.map(({ eventId }) => eventId),
    events: new Map(kept),
    joined,
    history: await user.history(roomId),
  };
}

function namesOf(state: Awaited<ReturnType<Core['states']['all']>>): ReadonlyMap<string, string> {
  return new Map(state.map((event) => [`${event.type}|${event.stateKey}`, event.eventId]));
}
