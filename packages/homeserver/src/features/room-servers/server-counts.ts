import { sql, type Reader, type Writer } from '@myelin/database';
import type { RoomNid } from '../names/index.ts';

/** Whether a server came into a room, or went out of it, by a change of its count. */
export type ServerMove = 'came' | 'went' | undefined;

/** The rows of servers in rooms that other servers are in; `own` is this server. */
export const serverCounts = {
  async rooms(reader: Reader, own: string): Promise<RoomNid[]> {
    const rows = await reader.all<{ room: number }>(sql`SELECT DISTINCT room FROM room_servers WHERE server <> ${own}`);
    return rows.map(({ room }) => room as RoomNid);
  },

  async othersInRoom(reader: Reader, room: RoomNid, own: string): Promise<string[]> {
    const rows = await reader.all<{ server: string }>(
      sql`SELECT server FROM room_servers WHERE room = ${room} AND server <> ${own}`,
    );
    return rows.map(({ server }) => server);
  },

  /** How many users of a server are joined. */
  async joined(reader: Reader, room: RoomNid, server: string): Promise<number> {
    const row = await reader.get<{ joined: number }>(
      sql`SELECT joined FROM room_servers WHERE room = ${room} AND server = ${server}`,
    );
    return row?.joined ?? 0;
  },

  /** A server's rooms, and since which position it is in each. */
  async ofServer(reader: Reader, server: string): Promise<Map<RoomNid, number>> {
    const rows = await reader.all<{ room: number; since: number }>(
      sql`SELECT room, since FROM room_servers WHERE server = ${server}`,
    );
    return new Map(rows.map(({ room, since }) => [room as RoomNid, since]));
  },

  async known(reader: Reader, own: string): Promise<number> {
    const row = await reader.get<{ servers: number }>(
      sql`SELECT COUNT(DISTINCT server) AS servers FROM room_servers WHERE server <> ${own}`,
    );
    return row?.servers ?? 0;
  },

  async add(writer: Writer, room: RoomNid, server: string, delta: number, position: number): Promise<ServerMove> {
    const rows = await writer.all<{ joined: number; assumed: number }>(
      sql`INSERT INTO room_servers (room, server, joined, since, assumed) VALUES (${room}, ${server}, ${delta}, ${position}, 0)
          ON CONFLICT (room, server) DO UPDATE SET joined = room_servers.joined + excluded.joined RETURNING joined, assumed`,
    );
    const row = rows[0];
    if (!row || row.assumed !== 0) return undefined;
    if (row.joined <= 0) {
      await writer.run(sql`DELETE FROM room_servers WHERE room = ${room} AND server = ${server}`);
      return row.joined === delta ? undefined : 'went';
    }
    return row.joined === delta ? 'came' : undefined;
  },

  async addOwn(writer: Writer, room: RoomNid, own: string, delta: number): Promise<void> {
    await writer.run(sql`UPDATE room_servers SET joined = joined + ${delta} WHERE room = ${room} AND server = ${own}`);
  },

  /** The first servers of a room that no other is in. */
  async fill(writer: Writer, room: RoomNid, joined: ReadonlyMap<string, number>, position: number): Promise<void> {
    await writer.insert(
      'room_servers',
      ['room', 'server', 'joined', 'since', 'assumed'],
      [...joined].map(([server, users]) => [room, server, users, position, 0]),
      '(room, server) DO UPDATE SET joined = excluded.joined',
    );
  },

  async assume(writer: Writer, room: RoomNid, servers: readonly string[], position: number): Promise<void> {
    await writer.insert(
      'room_servers',
      ['room', 'server', 'joined', 'since', 'assumed'],
      servers.map((server) => [room, server, 0, position, 1]),
      '(room, server) DO UPDATE SET assumed = 1',
    );
  },

  async endAssuming(writer: Writer, room: RoomNid, own: string): Promise<void> {
    await writer.run(sql`UPDATE room_servers SET assumed = 0 WHERE room = ${room} AND assumed = 1`);
    await writer.run(sql`DELETE FROM room_servers WHERE room = ${room} AND joined <= 0 AND server <> ${own}`);
  },

  async clear(writer: Writer, room: RoomNid): Promise<void> {
    await writer.run(sql`DELETE FROM room_servers WHERE room = ${room}`);
  },
};
