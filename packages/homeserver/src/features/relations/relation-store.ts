import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { redactsOf } from '@myelin/protocol';
import type { Events, StoredEvent, TimelinePoint } from '../events/index.ts';
import type { EventNid, RoomNid, UserNid } from '../names/index.ts';
import type { EventContext, EventProjection } from '../timeline/index.ts';
import { relationOf } from './relation.ts';
import { ThreadStore } from './thread-store.ts';

export interface ChildQuery {
  readonly relType: string | undefined;
  readonly type: string | undefined;
  readonly backwards: boolean;
  readonly from: TimelinePoint | undefined;
  readonly to: TimelinePoint | undefined;
  readonly limit: number;
}

export interface ChildRow extends TimelinePoint {
  readonly child: EventNid;
}

/** A relation to one of several events. */
export interface RelationFacts {
  readonly parent: string;
  readonly relType: string;
  readonly sender: UserNid;
}

/** Which events relate to which. Redacted children don't count. */
export class RelationStore implements EventProjection {
  readonly threads: ThreadStore;
  readonly #database: Database;
  readonly #events: Events;

  constructor(database: Database, events: Events) {
    this.threads = new ThreadStore(database);
    this.#database = database;
    this.#events = events;
  }

  async apply(writer: Writer, event: StoredEvent, context: EventContext): Promise<void> {
    if (event.isState || event.position === undefined) return;
    if (event.type === 'm.room.redaction') await this.#redact(writer, event, context);
    // Most events relate to nothing: the text is looked at before it is parsed.
    if (!event.contentText.includes('"m.relates_to"')) return;
    const relation = relationOf(event.content);
    if (!relation) return;
    await writer.run(sql`INSERT INTO relations (child, room, parent, rel_type, type, sender, annotation_key, depth, position, redacted)
      VALUES (${event.nid}, ${event.room}, ${relation.parent}, ${relation.relType}, ${event.type}, ${event.senderNid}, ${relation.key ?? null},
        ${event.fields.depth}, ${event.position}, 0)`);
    if (relation.relType === 'm.thread') await this.#addReply(writer, event, relation.parent);
  }

  /** Children of events in a page, in the order of the timeline. */
  async children(room: RoomNid, parents: readonly string[], query: ChildQuery): Promise<ChildRow[]> {
    const { relType, type, backwards, from, to, limit } = query;
    const conditions = [
      relType === undefined ? sql`` : sql`AND rel_type = ${relType}`,
      type === undefined ? sql`` : sql`AND type = ${type}`,
      from === undefined
        ? sql``
        : backwards
          ? sql`AND (depth, position) <= (${from.depth}, ${from.position})`
          : sql`AND (depth, position) > (${from.depth}, ${from.position})`,
      to === undefined
        ? sql``
        : backwards
          ? sql`AND (depth, position) > (${to.depth}, ${to.position})`
          : sql`AND (depth, position) <= (${to.depth}, ${to.position})`,
    ];
    const order = backwards ? sql`depth DESC, position DESC` : sql`depth, position`;
    const rows = await this.#database.reader.all<{ child: number; depth: number; position: number }>(
      sql`SELECT child, depth, position FROM relations
          WHERE ${sql.anyOf('parent', parents)} AND room = ${room} AND redacted = 0 ${sql.join(conditions, ' ')}
          ORDER BY ${order} LIMIT ${limit}`,
    );
    return rows.map((row) => ({ child: row.child as EventNid, depth: row.depth, position: row.position }));
  }

  /** What an event related to when it was sent, be it redacted since or not. */
  async relationOf(child: EventNid): Promise<{ parent: string; relType: string } | undefined> {
    const row = await this.#database.reader.get<{ parent: string; rel_type: string }>(
      sql`SELECT parent, rel_type FROM relations WHERE child = ${child}`,
    );
    return row && { parent: row.parent, relType: row.rel_type };
  }

  /** Which of these events have children at all, in whatever room these are. */
  async parentsAmong(eventIds: readonly string[]): Promise<{ parent: string; relType: string }[]> {
    const rows = await this.#database.reader.all<{ parent: string; rel_type: string }>(
      sql`SELECT DISTINCT parent, rel_type FROM relations WHERE ${sql.anyOf('parent', eventIds)}`,
    );
    return rows.map((row) => ({ parent: row.parent, relType: row.rel_type }));
  }

  /** Whether anything of a room relates to an event. */
  async isParent(room: RoomNid, eventId: string, reader: Reader): Promise<boolean> {
    return (
      (await reader.get(sql`SELECT child FROM relations WHERE parent = ${eventId} AND room = ${room} LIMIT 1`)) !==
      undefined
    );
  }

  /** How events of a room are related to, and by whom: each combination once, up to a bound. `until`: only by events up to this position. */
  async relationsTo(room: RoomNid, eventIds: readonly string[], until: number | undefined): Promise<RelationFacts[]> {
    const rows = await this.#database.reader.all<{ parent: string; rel_type: string; sender: number }>(
      sql`SELECT DISTINCT parent, rel_type, sender FROM relations WHERE ${sql.anyOf('parent', eventIds)} AND room = ${room} AND redacted = 0
          AND position <= ${until ?? Number.MAX_SAFE_INTEGER} LIMIT 10000`,
    );
    return rows.map((row) => ({ parent: row.parent, relType: row.rel_type, sender: row.sender as UserNid }));
  }

  /** Edits of an event by its own author, newest first by their time. */
  async edits(event: StoredEvent, until: number | undefined): Promise<EventNid[]> {
    const rows = await this.#database.reader.all<{ child: number }>(
      sql`SELECT relations.child FROM relations JOIN events ON events.nid = relations.child
          WHERE relations.parent = ${event.eventId} AND relations.rel_type = 'm.replace' AND relations.sender = ${event.senderNid}
            AND relations.room = ${event.room} AND relations.type = ${event.type} AND relations.redacted = 0
            AND relations.position <= ${until ?? Number.MAX_SAFE_INTEGER}
          ORDER BY events.origin_server_ts DESC LIMIT 50`,
    );
    return rows.map((row) => row.child as EventNid);
  }

  /** Events that refer to an event, oldest first. */
  async references(event: StoredEvent, until: number | undefined): Promise<EventNid[]> {
    const rows = await this.#database.reader.all<{ child: number }>(
      sql`SELECT child FROM relations WHERE parent = ${event.eventId} AND rel_type = 'm.reference' AND room = ${event.room} AND redacted = 0
            AND position <= ${until ?? Number.MAX_SAFE_INTEGER} ORDER BY depth, position LIMIT 500`,
    );
    return rows.map((row) => row.child as EventNid);
  }

  /** Whether the user reacted to an event like this before. */
  async hasAnnotation(
    reader: Reader,
    room: RoomNid,
    parent: string,
    sender: UserNid,
    type: string,
    key: string,
  ): Promise<boolean> {
    const row = await reader.get(
      sql`SELECT child FROM relations WHERE parent = ${parent} AND rel_type = 'm.annotation' AND sender = ${sender} AND room = ${room}
            AND type = ${type} AND annotation_key = ${key} AND redacted = 0 LIMIT 1`,
    );
    return row !== undefined;
  }

  /** An event is redacted, or was never allowed: it relates to nothing any more. */
  async takeBack(writer: Writer, { nid, room }: StoredEvent): Promise<void> {
    const rows = await writer.all<{ parent: string; rel_type: string }>(
      sql`UPDATE relations SET redacted = 1 WHERE child = ${nid} AND redacted = 0 RETURNING parent, rel_type`,
    );
    for (const row of rows) if (row.rel_type === 'm.thread') await this.threads.removeReply(writer, room, row.parent);
  }

  /** The redaction of an event doesn't count any more. */
  async restore(writer: Writer, event: StoredEvent): Promise<void> {
    const rows = await writer.all<{ parent: string; rel_type: string }>(
      sql`UPDATE relations SET redacted = 0 WHERE child = ${event.nid} AND redacted = 1 RETURNING parent, rel_type`,
    );
    for (const row of rows) if (row.rel_type === 'm.thread') await this.#addReply(writer, event, row.parent);
  }

  async #addReply(writer: Writer, event: StoredEvent, parent: string): Promise<void> {
    const root = await this.#events.findInRoom(event.room, parent, writer);
    await this.threads.addReply(writer, event, parent, root?.senderNid);
  }

  async #redact(writer: Writer, redaction: StoredEvent, { head }: EventContext): Promise<void> {
    const targetId = redactsOf(redaction.pdu, head.version);
    const target = targetId === undefined ? undefined : await this.#events.findInRoom(redaction.room, targetId, writer);
    if (target?.fields.redactedBy === redaction.nid) await this.takeBack(writer, target);
  }
}
