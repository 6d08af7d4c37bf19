import { sql, type Reader, type Writer } from '@myelin/database';
import type { EventNid, RoomNid } from '../names/index.ts';

/** The event by which the last user of a server went out of a room. */
export interface Parting {
  readonly position: number;
  readonly event: EventNid;
}

/** Servers that were in rooms and aren't any more. */
export const partedServers = {
  async get(reader: Reader, room: RoomNid, server: string): Promise<Parting | undefined> {
    return reader.get<{ position: number; event: EventNid }>(
      sql`SELECT position, event FROM parted_servers WHERE room = ${room} AND server = ${server}`,
    );
  },

  async went(writer: Writer, room: RoomNid, server: string, { position, event }: Parting): Promise<void> {
    await writer.insert(
      'parted_servers',
      ['room', 'server', 'position', 'event'],
      [[room, server, position, event]],
      '(room, server) DO UPDATE SET position = excluded.position, event = excluded.event',
    );
  },

  async came(writer: Writer, room: RoomNid, servers: readonly string[]): Promise<void> {
    await writer.run(sql`DELETE FROM parted_servers WHERE room = ${room} AND ${sql.anyOf('server', servers)}`);
  },
};
