import { sql, type Database, type Reader } from '@myelin/database';
import { roomVersion, type RoomVersion } from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import { memberOfKey, type EventNid, type RoomNid, type UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { Streams } from '../streams/index.ts';
import type { RoomWriters } from '../timeline/index.ts';

/** A local user's invite or knock at a room that this server isn't in. */
export interface InvitedRoom {
  readonly room: RoomNid;
  readonly user: UserNid;
  /** The m.room.member event, an outlier. */
  readonly event: EventNid;
  readonly version: RoomVersion;
  /** What the other server told of the room: checked stripped state, each a JSON text. */
  readonly strippedState: readonly string[];
}

interface InvitedRoomRow {
  event: number;
  version: string;
  stripped_state: string;
}

export interface InvitedRoomsParts {
  readonly database: Database;
  readonly writers: RoomWriters;
  readonly members: RoomMembers;
  readonly streams: Streams;
}

/**
 * What local users have to do with rooms that this server isn't in: invites and knocks, and how they ended. Their members
 * rows stand in `room-members` like all others; what is told of the rooms themselves is kept here.
 */
export class InvitedRooms {
  readonly #parts: InvitedRoomsParts;

  constructor(parts: InvitedRoomsParts) {
    this.#parts = parts;
  }

  /**
   * A local user's membership of a room that this server isn't in has changed by `event`, which `storeOutOfBand` stored: an
   * invite or a knock, with what was told of the room, or the leave or ban that ends it. Tells their syncs. Who has
   * meanwhile come into the room stays in it.
   */
  async record(event: StoredEvent, version: RoomVersion, strippedState: readonly string[] = []): Promise<void> {
    const { writers, members, streams } = this.#parts;
    const { room } = event;
    const user = event.fields.stateKeyNid === undefined ? undefined : memberOfKey(event.fields.stateKeyNid);
    if (user === undefined) throw new Error('Not a membership event');
    await writers.run(room, async (writer) => {
      if ((await members.inRoom(writer, room, user))?.membership === 'join') return;
      const { membership } = event.content;
      if (membership === 'invite' || membership === 'knock') {
        await writer.run(sql`INSERT INTO invited_rooms (room, user_nid, event, version, stripped_state)
          VALUES (${room}, ${user}, ${event.nid}, ${version.id}, ${JSON.stringify(strippedState)})
          ON CONFLICT (room, user_nid) DO UPDATE SET event = excluded.event, version = excluded.version,
            stripped_state = excluded.stripped_state`);
      } else {
        await writer.run(sql`DELETE FROM invited_rooms WHERE room = ${room} AND user_nid = ${user}`);
      }
      const position = streams.next(writer, { kind: 'event', room, event: event.nid, users: [user] });
      await members.setOutOfBand(writer, event, position);
    });
  }

  /** The invite or knock that stands, if the user's membership is one from outside of the room. */
  async find(
    room: RoomNid,
    user: UserNid,
    reader: Reader = this.#parts.database.reader,
  ): Promise<InvitedRoom | undefined> {
    const member = await this.#parts.members.get(room, user);
    if (member?.membership !== 'invite' && member?.membership !== 'knock') return undefined;
    const row = await reader.get<InvitedRoomRow>(
      sql`SELECT event, version, stripped_state FROM invited_rooms WHERE room = ${room} AND user_nid = ${user}`,
    );
    // A room that this server is in has its own events for it.
    if (!row || row.event !== member.event) return undefined;
    const version = roomVersion(row.version);
    if (!version) return undefined;
    const strippedState = JSON.parse(row.stripped_state) as string[];
    return { room, user, event: row.event as EventNid, version, strippedState };
  }

  /** For outlines of rooms: the stripped state that came with a user's invite or knock. */
  async strippedState(room: RoomNid, user: UserNid): Promise<readonly string[]> {
    return (await this.find(room, user))?.strippedState ?? [];
  }
}
