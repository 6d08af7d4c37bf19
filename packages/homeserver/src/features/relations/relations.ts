import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { ClientEvents } from '../client-events/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { RoomNid } from '../names/index.ts';
import type { RoomAccess } from '../room-events/index.ts';
import { parsePoint, pointToken } from '../timeline/index.ts';
import type { EventVisibility, Viewer } from '../visibility/index.ts';
import type { BundledRelations, IgnoredUsers } from './bundled-relations.ts';
import { relationOf } from './relation.ts';
import type { RelationStore } from './relation-store.ts';

export interface RelationsParts {
  readonly store: RelationStore;
  readonly events: Events;
  readonly access: RoomAccess;
  readonly visibility: EventVisibility;
  readonly clientEvents: ClientEvents;
  readonly bundles: BundledRelations;
  readonly ignoredUsers: IgnoredUsers;
}

export interface RelationsQuery {
  readonly relType: string | undefined;
  readonly type: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly limit: number | undefined;
  readonly backwards: boolean;
  readonly recurse: boolean;
}

const largestPage = 100;
const defaultPage = 5;
const defaultThreads = 20;
/** How far children of children are followed. Client-Server API: servers choose, 3 is suggested. */
const recursionDepth = 3;
const mostParents = 1_000;

/** Asking for events by what they relate to, and for threads. Client-Server API §"Relationships between events", §"Threading". */
export class Relations {
  readonly #parts: RelationsParts;

  constructor(parts: RelationsParts) {
    this.#parts = parts;
  }

  async children(requester: Requester, roomId: string, eventId: string, query: RelationsQuery): Promise<string> {
    const { access: rooms, events, store, visibility } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    const viewer: Viewer = {
      user: requester.user,
      isJoined: access.member?.membership === 'join',
      leftAt: access.until,
      ignored: await this.#parts.ignoredUsers.ignored(requester.user),
    };
    const parent = await events.findInRoom(access.room, eventId);
    if (!parent || !(await visibility.isVisible(parent, viewer))) throw new MatrixError('M_NOT_FOUND', 'Unknown parent event.');
    const limit = Math.max(1, Math.min(query.limit ?? defaultPage, largestPage));
    const from = query.from === undefined ? undefined : await parsePoint(query.from, access.room, events);
    const to = query.to === undefined ? undefined : await parsePoint(query.to, access.room, events);
    const parents = query.recurse ? await this.#descendants(access.room, eventId) : [eventId];
    const rows = await store.children(access.room, parents, { relType: query.relType, type: query.type, backwards: query.backwards, from, to, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const found = await events.getMany(page.map((row) => row.child));
    const visible = await visibility.filter(
      page.flatMap((row) => found.get(row.child) ?? []),
      viewer,
    );
    const last = page.at(-1);
    const next = rows.length > limit && last ? { depth: last.depth, position: query.backwards ? last.position - 1 : last.position } : undefined;
    const text = [`"chunk":${await this.#list(requester, visible)}`];
    if (next) text.push(`"next_batch":${JSON.stringify(pointToken(next))}`);
    if (query.from !== undefined) text.push(`"prev_batch":${JSON.stringify(query.from)}`);
    if (query.recurse) text.push(`"recursion_depth":${recursionDepth}`);
    return `{${text.join(',')}}`;
  }

  async threads(requester: Requester, roomId: string, participatedOnly: boolean, limitGiven: number | undefined, from: string | undefined): Promise<string> {
    const { access: rooms, store, events, visibility } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    const ignored = await this.#parts.ignoredUsers.ignored(requester.user);
    const viewer: Viewer = { user: requester.user, isJoined: access.member?.membership === 'join', leftAt: access.until, ignored };
    const limit = Math.max(1, Math.min(limitGiven ?? defaultThreads, largestPage));
    const before = from === undefined ? undefined : Number(/^th(\d{1,15})$/.exec(from)?.[1] ?? Number.NaN);
    if (Number.isNaN(before)) throw new MatrixError('M_INVALID_PARAM', 'That is not a token of this server');
    const rows = await store.threadRoots(access.room, participatedOnly ? requester.user : undefined, before, limit + 1);
    const roots: StoredEvent[] = [];
    for (const { parent } of rows.slice(0, limit)) {
      const root = await events.findInRoom(access.room, parent);
      if (root) roots.push(root);
    }
    const chunk = await this.#list(requester, await visibility.filter(roots, viewer));
    const last = rows[limit - 1];
    return rows.length > limit && last ? `{"chunk":${chunk},"next_batch":"th${last.latest}"}` : `{"chunk":${chunk}}`;
  }

  /** Looks at an event that is about to be sent: no reaction twice, no thread on what is in a relation itself. */
  async check(requester: Requester, room: RoomNid, type: string, content: JsonObject, writer: Writer): Promise<void> {
    const relation = relationOf(content);
    if (!relation) return;
    if (relation.relType === 'm.annotation' && relation.key !== undefined) {
      if (await this.#parts.store.hasAnnotation(writer, relation.parent, requester.user, type, relation.key)) {
        throw new MatrixError('M_DUPLICATE_ANNOTATION', "Can't send same reaction twice");
      }
    } else if (relation.relType === 'm.thread') {
      const root = await this.#parts.events.findInRoom(room, relation.parent, writer);
      if (root && relationOf(root.content) && root.fields.redactedBy === undefined) {
        throw new MatrixError('M_UNKNOWN', 'Cannot start threads from an event with a relation');
      }
    }
  }

  /** The event and what relates to it, directly or through others, as far as is followed. */
  async #descendants(room: RoomNid, eventId: string): Promise<string[]> {
    const { store, events } = this.#parts;
    const all = new Set([eventId]);
    let level = [eventId];
    for (let depth = 1; depth < recursionDepth && level.length > 0 && all.size < mostParents; depth++) {
      const rows = await store.children(room, level, { relType: undefined, type: undefined, backwards: true, from: undefined, to: undefined, limit: mostParents });
      const children = await events.getMany(rows.map((row) => row.child));
      level = [...children.values()].map((child) => child.eventId).filter((id) => !all.has(id));
      for (const id of level) all.add(id);
    }
    return [...all];
  }

  async #list(requester: Requester, events: readonly StoredEvent[]): Promise<string> {
    const relations = await this.#parts.bundles.bundles(events, requester.user, requester.device);
    const texts = await this.#parts.clientEvents.format(events, { user: requester.user, device: requester.device, withRoomId: true, relations });
    return `[${texts.join(',')}]`;
  }
}
