import { sql, type Migration } from '@myelin/database';

export const federationOutboundMigrations: readonly Migration[] = [
  {
    id: 'federation-outbound/0001',
    up: [
      // What other servers are to be sent isn't kept once for each of them. Of each room, only the newest event that this
      // server sends, at the position at which it was to be sent.
      sql`CREATE TABLE outbound_rooms (room BIGINT PRIMARY KEY, position BIGINT NOT NULL, event BIGINT NOT NULL)`,
      sql`CREATE INDEX outbound_rooms_by_position ON outbound_rooms (position)`,
      // For servers that aren't in the room any more (or were only invited): the event that they must still see.
      sql`CREATE TABLE outbound_partings (
        destination TEXT NOT NULL,
        room BIGINT NOT NULL,
        position BIGINT NOT NULL,
        event BIGINT NOT NULL,
        PRIMARY KEY (destination, room)
      ) WITHOUT ROWID`,
      // Of each device (or '': the cross-signing keys) of a user the newest change, and the one of the user before it.
      sql`CREATE TABLE outbound_device_lists (
        user_nid BIGINT NOT NULL,
        device_id TEXT NOT NULL,
        position BIGINT NOT NULL,
        previous BIGINT NOT NULL,
        PRIMARY KEY (user_nid, device_id)
      ) WITHOUT ROWID`,
      sql`CREATE INDEX outbound_device_lists_by_position ON outbound_device_lists (position)`,
      // Up to which position everything was sent to a server; '' stands for all that have no row.
      sql`CREATE TABLE outbound_cursors (destination TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL)`,
      // EDUs that a server must get once, in order. `at`: since when (ms). `txn`: the transaction in which it was sent,
      // perhaps in vain.
      sql`CREATE TABLE outbound_edus (
        destination TEXT NOT NULL,
        id BIGINT NOT NULL,
        edu_type TEXT NOT NULL,
        edu TEXT NOT NULL,
        at BIGINT NOT NULL,
        txn TEXT,
        PRIMARY KEY (destination, id)
      ) WITHOUT ROWID`,
      sql`CREATE INDEX outbound_edus_by_age ON outbound_edus (at)`,
      // What a server refused to take. `item`: an event id, or a type of EDU. `at` in ms.
      sql`CREATE TABLE outbound_set_aside (
        id BIGINT PRIMARY KEY,
        destination TEXT NOT NULL,
        item TEXT NOT NULL,
        status INTEGER NOT NULL,
        code TEXT,
        at BIGINT NOT NULL
      )`,
    ],
  },
  {
    id: 'federation-outbound/0002',
    up: [
      // For servers that aren't in the room any more (or were only invited): the events that they must still see. One, or
      // the ends of a forked room where a resolution has put them out.
      sql`CREATE TABLE outbound_partings_new (
        destination TEXT NOT NULL,
        room BIGINT NOT NULL,
        position BIGINT NOT NULL,
        event BIGINT NOT NULL,
        PRIMARY KEY (destination, room, event)
      ) WITHOUT ROWID`,
      sql`INSERT INTO outbound_partings_new SELECT destination, room, position, event FROM outbound_partings`,
      sql`DROP TABLE outbound_partings`,
      sql`ALTER TABLE outbound_partings_new RENAME TO outbound_partings`,
    ],
  },
  {
    id: 'federation-outbound/0003',
    up: [
      // When the server was last known to run, in ms: one row.
      sql`CREATE TABLE outbound_alive (id INTEGER PRIMARY KEY, at BIGINT NOT NULL)`,
    ],
  },
];
