import { MatrixError } from '@myelin/api';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { parseRoomAlias } from '@myelin/protocol';
import type { Names, RoomNid, UserNid } from '../names/index.ts';

/** Finds the room that a room id or an alias means, and servers that are said to be in it. */
export interface RoomIdResolver {
  /** Throws M_NOT_FOUND for an alias that leads nowhere, M_INVALID_PARAM for what is neither id nor alias. */
  resolve(roomIdOrAlias: string): Promise<{ roomId: string; servers: readonly string[] }>;
}

/** Aliases of other servers. Implemented by `features/remote-rooms`. */
export interface RemoteAliasSource {
  /** Throws M_NOT_FOUND for an alias that leads nowhere, 502 if its server can't be asked. */
  lookUp(alias: string): Promise<{ roomId: string; servers: string[] }>;
}

/** The aliases of this server. Client-Server API §"Room aliases". */
export class Aliases {
  readonly #database: Database;
  readonly #names: Names;
  readonly #serverName: string;

  constructor(database: Database, names: Names, serverName: string) {
    this.#database = database;
    this.#names = names;
    this.#serverName = serverName;
  }

  /** The room of an id or of an alias of this server. Throws M_NOT_FOUND, M_INVALID_PARAM. */
  async roomId(roomIdOrAlias: string): Promise<string> {
    if (roomIdOrAlias.startsWith('!')) return roomIdOrAlias;
    const found = await this.find(roomIdOrAlias);
    if (!found) throw new MatrixError('M_NOT_FOUND', 'Room alias not found');
    return this.#names.roomId(found.room);
  }

  async find(
    alias: string,
    reader: Reader = this.#database.reader,
  ): Promise<{ room: RoomNid; creator: UserNid } | undefined> {
    this.check(alias);
    const row = await reader.get<{ room: number; creator: number }>(
      sql`SELECT room, creator FROM room_aliases WHERE alias = ${alias}`,
    );
    return row && { room: row.room as RoomNid, creator: row.creator as UserNid };
  }

  /** Throws M_INVALID_PARAM if the text isn't an alias. */
  check(alias: string): void {
    if (!parseRoomAlias(alias)) throw new MatrixError('M_INVALID_PARAM', 'That is neither a room id nor a room alias');
  }

  isLocal(alias: string): boolean {
    return alias.slice(alias.indexOf(':') + 1) === this.#serverName;
  }

  /** Throws M_ROOM_IN_USE if the alias is taken. */
  async add(writer: Writer, alias: string, room: RoomNid, creator: UserNid): Promise<void> {
    this.check(alias);
    if (!this.isLocal(alias)) throw new MatrixError('M_INVALID_PARAM', 'The room alias is not of this server');
    const added = await writer.run(
      sql`INSERT INTO room_aliases (alias, room, creator) VALUES (${alias}, ${room}, ${creator}) ON CONFLICT (alias) DO NOTHING`,
    );
    if (added === 0) throw new MatrixError('M_ROOM_IN_USE', 'Room alias already taken');
  }

  async remove(writer: Writer, alias: string): Promise<void> {
    await writer.run(sql`DELETE FROM room_aliases WHERE alias = ${alias}`);
  }

  /** All aliases of a room lead to another from now on. */
  async move(writer: Writer, from: RoomNid, to: RoomNid): Promise<void> {
    await writer.run(sql`UPDATE room_aliases SET room = ${to} WHERE room = ${from}`);
  }

  async ofRoom(room: RoomNid): Promise<string[]> {
    const rows = await this.#database.reader.all<{ alias: string }>(
      sql`SELECT alias FROM room_aliases WHERE room = ${room} ORDER BY alias LIMIT 1000`,
    );
    return rows.map((row) => row.alias);
  }
}
