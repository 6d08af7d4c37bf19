import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { Events, StoredEvent, TimelinePoint } from '../events/index.ts';
import type { EventNid, RoomNid, UserNid } from '../names/index.ts';
import type { EventProjection } from '../timeline/index.ts';
import { relationOf } from './relation.ts';

export interface ChildRow {
  readonly child: EventNid;
  readonly parent: string;
  readonly relType: string;
  readonly sender: UserNid;
}

export interface ThreadFacts {
  readonly count: number;
  readonly latest: EventNid;
  readonly participated: boolean;
}

export interface ChildQuery {
  readonly relType: string | undefined;
  readonly type: string | undefined;
  readonly backwards: boolean;
  readonly from: TimelinePoint | undefined;
  readonly to: TimelinePoint | undefined;
  readonly limit: number;
}

/** Which events relate to which. Redacted children don't count. */
export class RelationStore implements EventProjection {
  readonly #database: Database;
  readonly #events: Events;

  constructor(database: Database, events: Events) {
    this.#database = database;
    this.#events = events;
  }

  async apply(writer: Writer, event: StoredEvent): Promise<void> {
    if (event.isState || event.position === undefined) return;
    // Most events relate to nothing: the text is looked at before it is parsed.
    if (!event.contentText.includes('"m.relates_to"')) return;
    const relation = relationOf(event.content);
    if (!relation) return;
    const root = relation.relType === 'm.thread' ? await this.#events.findInRoom(event.room, relation.parent, writer) : undefined;
    await writer.run(sql`INSERT INTO relations (child, room, parent, rel_type, type, sender, annotation_key, root_sender, depth, position)
      VALUES (${event.nid}, ${event.room}, ${relation.parent}, ${relation.relType}, ${event.type}, ${event.senderNid}, ${relation.key ?? null},
        ${root?.senderNid ?? null}, ${event.fields.depth}, ${event.position})`);
  }

  /** Children of events in a page, in the order of the timeline. */
  async children(room: RoomNid, parents: readonly string[], query: ChildQuery): Promise<(ChildRow & TimelinePoint)[]> {
    const { relType, type, backwards, from, to, limit } = query;
    const conditions = [
      relType === undefined ? sql`` : sql`AND relations.rel_type = ${relType}`,
      type === undefined ? sql`` : sql`AND relations.type = ${type}`,
      from === undefined
        ? sql``
        : backwards
          ? sql`AND (relations.depth, relations.position) <= (${from.depth}, ${from.position})`
          : sql`AND (relations.depth, relations.position) > (${from.depth}, ${from.position})`,
      to === undefined
        ? sql``
        : backwards
          ? sql`AND (relations.depth, relations.position) > (${to.depth}, ${to.position})`
          : sql`AND (relations.depth, relations.position) <= (${to.depth}, ${to.position})`,
    ];
    const order = backwards ? sql`relations.depth DESC, relations.position DESC` : sql`relations.depth, relations.position`;
    const rows = await this.#database.reader.all<{ child: number; parent: string; rel_type: string; sender: number; depth: number; position: number }>(
      sql`SELECT relations.child, relations.parent, relations.rel_type, relations.sender, relations.depth, relations.position FROM relations
          JOIN events ON events.nid = relations.child
          WHERE ${sql.anyOf('relations.parent', parents)} AND relations.room = ${room} AND events.redacted_by IS NULL ${sql.join(conditions, ' ')}
          ORDER BY ${order} LIMIT ${limit}`,
    );
    return rows.map((row) => ({
      child: row.child as EventNid,
      parent: row.parent,
      relType: row.rel_type,
      sender: row.sender as UserNid,
      depth: row.depth,
      position: row.position,
    }));
  }

  /** What an event related to when it was sent, be it redacted since or not. */
  async relationOf(child: EventNid): Promise<{ parent: string; relType: string } | undefined> {
    const row = await this.#database.reader.get<{ parent: string; rel_type: string }>(sql`SELECT parent, rel_type FROM relations WHERE child = ${child}`);
    return row && { parent: row.parent, relType: row.rel_type };
  }

  /** Which of these events have children at all. */
  async parentsAmong(eventIds: readonly string[]): Promise<{ parent: string; relType: string }[]> {
    const rows = await this.#database.reader.all<{ parent: string; rel_type: string }>(
      sql`SELECT DISTINCT parent, rel_type FROM relations WHERE ${sql.anyOf('parent', eventIds)}`,
    );
    return rows.map((row) => ({ parent: row.parent, relType: row.rel_type }));
  }

  /** Edits of an event by its own author, newest first by their time, then by id as the caller sorts. */
  async edits(parent: string, sender: UserNid, type: string): Promise<EventNid[]> {
    const rows = await this.#database.reader.all<{ child: number }>(
      sql`SELECT relations.child FROM relations JOIN events ON events.nid = relations.child
          WHERE parent = ${parent} AND rel_type = 'm.replace' AND relations.sender = ${sender} AND relations.type = ${type} AND events.redacted_by IS NULL
          ORDER BY events.origin_server_ts DESC LIMIT 10`,
    );
    return rows.map((row) => row.child as EventNid);
  }

  async references(parent: string): Promise<EventNid[]> {
    const rows = await this.#database.reader.all<{ child: number }>(
      sql`SELECT relations.child FROM relations JOIN events ON events.nid = relations.child
          WHERE parent = ${parent} AND rel_type = 'm.reference' AND events.redacted_by IS NULL ORDER BY relations.position LIMIT 500`,
    );
    return rows.map((row) => row.child as EventNid);
  }

  async thread(parent: string, user: UserNid, ignored: ReadonlySet<UserNid>): Promise<ThreadFacts | undefined> {
    const without = ignored.size === 0 ? sql`` : sql`AND NOT ${sql.anyOf('relations.sender', [...ignored])}`;
    const row = await this.#database.reader.get<{ replies: number; latest: number | null; own: number | null }>(
      sql`SELECT COUNT(*) AS replies, MAX(relations.position) AS latest, MAX(CASE WHEN relations.sender = ${user} THEN 1 ELSE 0 END) AS own
          FROM relations JOIN events ON events.nid = relations.child
          WHERE parent = ${parent} AND rel_type = 'm.thread' AND events.redacted_by IS NULL ${without}`,
    );
    if (!row || row.latest === null) return undefined;
    const latest = await this.#database.reader.get<{ child: number }>(
      sql`SELECT child FROM relations WHERE parent = ${parent} AND rel_type = 'm.thread' AND position = ${row.latest}`,
    );
    return latest && { count: row.replies, latest: latest.child as EventNid, participated: row.own === 1 };
  }

  /** Roots of a room's threads by their latest reply, newest first; `before`: only threads whose latest reply is older. */
  async threadRoots(
    room: RoomNid,
    participant: UserNid | undefined,
    before: number | undefined,
    limit: number,
  ): Promise<{ parent: string; latest: number }[]> {
    // Taking part is having replied or having written the root.
    const took = participant === undefined ? sql`` : sql`AND took_part = 1`;
    const who = participant ?? -1;
    return this.#database.reader.all<{ parent: string; latest: number }>(
      sql`SELECT parent, latest FROM (
            SELECT relations.parent AS parent, MAX(relations.position) AS latest,
              MAX(CASE WHEN relations.sender = ${who} OR relations.root_sender = ${who} THEN 1 ELSE 0 END) AS took_part
            FROM relations JOIN events ON events.nid = relations.child
            WHERE relations.room = ${room} AND relations.rel_type = 'm.thread' AND events.redacted_by IS NULL
            GROUP BY relations.parent
          ) AS threads WHERE latest < ${before ?? Number.MAX_SAFE_INTEGER} ${took} ORDER BY latest DESC LIMIT ${limit}`,
    );
  }

  /** Whether the user reacted to an event like this before. */
  async hasAnnotation(reader: Reader, parent: string, sender: UserNid, type: string, key: string): Promise<boolean> {
    const row = await reader.get(
      sql`SELECT relations.child FROM relations JOIN events ON events.nid = relations.child
          WHERE parent = ${parent} AND rel_type = 'm.annotation' AND relations.sender = ${sender} AND relations.type = ${type}
            AND annotation_key = ${key} AND events.redacted_by IS NULL`,
    );
    return row !== undefined;
  }
}
