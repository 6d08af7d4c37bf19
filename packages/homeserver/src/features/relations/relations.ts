import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { ClientEvents } from '../client-events/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid, RoomNid } from '../names/index.ts';
import type { ReadAccess, RoomAccess } from '../room-events/index.ts';
import { isBefore, parsePoint, pointToken } from '../timeline/index.ts';
import type { EventVisibility } from '../visibility/index.ts';
import type { BundledRelations, IgnoredUsers } from './bundled-relations.ts';
import { longestKey, relationOf } from './relation.ts';
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

export interface ThreadsQuery {
  /** Only threads in which the requester takes part. */
  readonly participatedOnly: boolean;
  readonly limit: number | undefined;
  readonly from: string | undefined;
}

const largestPage = 100;
const defaultPage = 5;
const defaultThreads = 20;
/** How far children of children are followed. Client-Server API: servers choose, 3 is suggested. */
const recursionDepth = 3;
const mostParents = 1_000;

/** Asking for events by what they relate to, and for threads. Client-Server API §"Forming relationships between events", §"Threading". */
export class Relations {
  readonly #parts: RelationsParts;

  constructor(parts: RelationsParts) {
    this.#parts = parts;
  }

  async children(requester: Requester, roomId: string, eventId: string, query: RelationsQuery): Promise<string> {
    const { access: rooms, events, store, visibility, ignoredUsers } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    const viewer = await rooms.viewer(access.room, requester.user, await ignoredUsers.ignored(requester.user));
    const parent = await events.findInRoom(access.room, eventId);
    if (!parent || !(await visibility.isVisible(parent, viewer)))
      throw new MatrixError('M_NOT_FOUND', 'Unknown parent event.');
    const limit = Math.max(1, Math.min(query.limit ?? defaultPage, largestPage));
    const last = access.until === undefined ? undefined : await events.timeline.pointAt(access.room, access.until);
    const given = query.from === undefined ? undefined : await parsePoint(query.from, access.room, events);
    // For those who have left, the room ends there.
    const from = query.backwards && last && (!given || isBefore(last, given)) ? last : given;
    const to = query.to === undefined ? undefined : await parsePoint(query.to, access.room, events);
    const parents = query.recurse ? await this.#descendants(access.room, eventId) : [eventId];
    const rows = await store.children(access.room, parents, {
      relType: query.relType,
      type: query.type,
      backwards: query.backwards,
      from,
      to,
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const found = await events.getMany(page.map((row) => row.child));
    const visible = await visibility.filter(
      page.flatMap((row) => found.get(row.child) ?? []),
      viewer,
    );
    const end = page.at(-1);
    const next =
      rows.length > limit && end
        ? { depth: end.depth, position: query.backwards ? end.position - 1 : end.position }
        : undefined;
    const text = [`"chunk":${await this.#list(requester, visible, access)}`];
    if (next) text.push(`"next_batch":${JSON.stringify(pointToken(next))}`);
    if (query.from !== undefined) text.push(`"prev_batch":${JSON.stringify(query.from)}`);
    if (query.recurse) text.push(`"recursion_depth":${recursionDepth}`);
    return `{${text.join(',')}}`;
  }

  /** The roots of a room's threads, those with the newest replies first. */
  async threads(requester: Requester, roomId: string, query: ThreadsQuery): Promise<string> {
    const { access: rooms, store, events, visibility, ignoredUsers } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    if (query.limit !== undefined && query.limit < 1)
      throw new MatrixError('M_INVALID_PARAM', 'limit must be greater than zero');
    const limit = Math.min(query.limit ?? defaultThreads, largestPage);
    const before = query.from === undefined ? undefined : parseThreadToken(query.from);
    const rows = await store.threads.page(
      access.room,
      query.participatedOnly ? requester.user : undefined,
      before,
      limit + 1,
    );
    const ignored = await ignoredUsers.ignored(requester.user);
    const viewer = await rooms.viewer(access.room, requester.user, ignored);
    const asked = { user: requester.user, ignored, until: viewer.leftAt };
    const roots: StoredEvent[] = [];
    for (const { root: rootId } of rows.slice(0, limit)) {
      const root = await events.findInRoom(access.room, rootId);
      if (root && (await store.threads.count(access.room, rootId, asked)) > 0) roots.push(root);
    }
    // Threads that ignored users began go on: only what they wrote isn't shown.
    const visible = await visibility.filter(roots, { ...viewer, ignored: undefined });
    const pruned = new Set(visible.filter((root) => ignored.has(root.senderNid)).map((root) => root.nid));
    const chunk = await this.#list(requester, visible, access, pruned);
    const last = rows[limit - 1];
    return rows.length > limit && last ? `{"chunk":${chunk},"next_batch":"th${last.latest}"}` : `{"chunk":${chunk}}`;
  }

  /** Looks at an event that is about to be sent: it relates to an event of its room, reacts once, starts threads on what relates to nothing. */
  async check(requester: Requester, room: RoomNid, type: string, content: JsonObject, writer: Writer): Promise<void> {
    const { store, events } = this.#parts;
    const relation = relationOf(content);
    if (!relation) return;
    const parent = await events.findInRoom(room, relation.parent, writer);
    // What others relate to exists, though it may not have come here yet.
    if (!parent && !(await store.isParent(room, relation.parent, writer))) {
      throw new MatrixError('M_UNKNOWN', "Can't send a relation to an event that is not in this room");
    }
    if (relation.relType === 'm.annotation') {
      if (relation.key === undefined)
        throw new MatrixError(
          'M_BAD_JSON',
          `The key of an annotation is missing, or longer than ${longestKey} characters`,
        );
      if (await store.hasAnnotation(writer, room, relation.parent, requester.user, type, relation.key)) {
        throw new MatrixError('M_DUPLICATE_ANNOTATION', "Can't send same reaction twice");
      }
    } else if (relation.relType === 'm.thread' && parent && relationOf(parent.content)) {
      throw new MatrixError('M_UNKNOWN', 'Cannot start threads from an event with a relation');
    }
  }

  /** The event and what relates to it, directly or through others, as far as is followed. */
  async #descendants(room: RoomNid, eventId: string): Promise<string[]> {
    const { store, events } = this.#parts;
    const all = new Set([eventId]);
    let level = [eventId];
    for (let depth = 1; depth < recursionDepth && level.length > 0 && all.size < mostParents; depth++) {
      const rows = await store.children(room, level, {
        relType: undefined,
        type: undefined,
        backwards: true,
        from: undefined,
        to: undefined,
        limit: mostParents,
      });
      const children = await events.getMany(rows.map((row) => row.child));
      level = [...children.values()].map((child) => child.eventId).filter((id) => !all.has(id));
      for (const id of level) all.add(id);
    }
    return [...all];
  }

  async #list(
    requester: Requester,
    events: readonly StoredEvent[],
    access: ReadAccess,
    pruned?: ReadonlySet<EventNid>,
  ): Promise<string> {
    const { user, device } = requester;
    const relations = await this.#parts.bundles.bundles(events, user, device);
    const options = {
      user,
      device,
      withRoomId: true,
      isPeeking: access.isPeeking,
      relations,
      ...(pruned ? { pruned } : {}),
    };
    return `[${(await this.#parts.clientEvents.format(events, options)).join(',')}]`;
  }
}

function parseThreadToken(token: string): number {
  const match = /^th(\d{1,15})$/.exec(token);
  if (!match) throw new MatrixError('M_INVALID_PARAM', 'That is not a token of this server');
  return Number(match[1]);
}
