import type { Database } from '@myelin/database';
import type { Clock, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Requester } from '../../http/index.ts';
import type { Filters } from '../filters/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMember, RoomMembers } from '../room-members/index.ts';
import type { Streams } from '../streams/index.ts';
import type { RoomOutlines } from '../room-outlines/index.ts';
import { LazyMemberMemory } from './lazy-members.ts';
import { partialViewOf } from './partial-view.ts';
import { pause } from './pause.ts';
import type { RoomChangeFinder, RoomChanges } from './room-changes.ts';
import type { RoomSections } from './room-sections.ts';
import type { SyncSources } from './sources.ts';
import type { StateAfter, SyncRequest } from './sync-request.ts';
import { parseSyncToken, syncToken } from './sync-token.ts';
import type { SyncWaiters } from './sync-waiters.ts';
import { wantsMembership, withoutExcluded } from './wanted-rooms.ts';

export interface SyncQuery {
  readonly filter: string | undefined;
  readonly since: string | undefined;
  readonly fullState: boolean;
  readonly stateAfter: StateAfter | undefined;
  readonly setPresence: 'online' | 'offline' | 'unavailable' | undefined;
  /** In milliseconds. */
  readonly timeout: number;
}

export interface SyncParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly streams: Streams;
  readonly names: Names;
  readonly members: RoomMembers;
  readonly partialRooms: PartialRooms;
  readonly filters: Filters;
  readonly waiters: SyncWaiters;
  readonly changes: RoomChangeFinder;
  readonly sections: RoomSections;
  readonly outlines: RoomOutlines;
  readonly sources: SyncSources;
  /** Rooms that nobody is told of, by id: `exclude_rooms_from_sync`. */
  readonly excludedRooms: ReadonlySet<string>;
}

interface Rooms {
  join: string[];
  invite: string[];
  knock: string[];
  leave: string[];
}

/** Longest that a long poll is held, in milliseconds, whatever the client asks for. */
const longestTimeout = 600_000;

const initialChanges: RoomChanges = {
  withEvents: new Set(),
  withReceipts: new Set(),
  withTyping: new Set(),
  accountData: true,
  toDevice: true,
  deviceLists: false,
  presence: true,
  keys: true,
};

/** GET /sync: what is new for a user since a position. Client-Server API §"Syncing". */
export class SyncService {
  readonly #parts: SyncParts;
  readonly #lazyMembers = new LazyMemberMemory();

  constructor(parts: SyncParts) {
    this.#parts = parts;
  }

  /** Resolves to the JSON text of the answer; waits for something to tell as long as the query allows. */
  async sync(requester: Requester, query: SyncQuery, signal: AbortSignal): Promise<string> {
    const { filters, sources } = this.#parts;
    const filter = await filters.forSync(requester.user, query.filter);
    const since = query.since === undefined || query.since === '' ? 0 : parseSyncToken(query.since);
    const syncEnds = sources.presence.syncing(requester, query.setPresence);
    try {
      return await this.#untilNews(requester, query, filter, since, signal);
    } finally {
      syncEnds();
    }
  }

  async #untilNews(
    requester: Requester,
    query: SyncQuery,
    filter: SyncRequest['filter'],
    since: number,
    signal: AbortSignal,
  ): Promise<string> {
    const { streams, clock, timers, waiters, sources } = this.#parts;
    if (since > 0 && requester.device !== undefined) await sources.toDevice.acknowledge(requester.device, since);
    const deadline = clock.monotonic() + Math.min(query.timeout, longestTimeout);
    for (;;) {
      const wait = waiters.wait(requester.user);
      try {
        const upTo = Math.max(streams.current(), since);
        const answer = await this.#answer(requester, query, filter, since, upTo);
        const left = deadline - clock.monotonic();
        // A first answer and one that was asked for whole are given at once.
        if (!answer.isEmpty || since === 0 || query.fullState || left <= 0) return answer.text;
        await pause(timers, wait.woken, left, signal);
        if (signal.aborted) return answer.text;
      } finally {
        wait.end();
      }
    }
  }

  async #answer(
    requester: Requester,
    query: SyncQuery,
    filter: SyncRequest['filter'],
    since: number,
    upTo: number,
  ): Promise<{ text: string; isEmpty: boolean }> {
    const { members, names, sources, excludedRooms, changes: finder } = this.#parts;
    const { user, device } = requester;
    const all = await withoutExcluded(await members.ofUser(user), excludedRooms, names);
    const changes = since === 0 ? initialChanges : await finder.since(user, device, since, all);
    const toDevice =
      device !== undefined && changes.toDevice
        ? await sources.toDevice.messages(device, since, upTo)
        : { events: [], upTo };
    // What doesn't fit is told next time, and so is everything behind it.
    const end = toDevice.upTo;
    const lazy = this.#lazyMembers.session(device === undefined ? `t${requester.token}` : String(device), since);
    let inviteRules: ReturnType<SyncRequest['inviteRules']> | undefined;
    const request: SyncRequest = {
      requester,
      filter,
      since,
      upTo: end,
      fullState: query.fullState,
      stateAfter: query.stateAfter,
      partial: await partialViewOf(this.#parts.partialRooms, { since, upTo: end, isLazy: filter.lazyLoadMembers }),
      ignored: await sources.accountData.ignored(user),
      lazyMembers: (room) => lazy.of(room),
      inviteRules: () => (inviteRules ??= sources.accountData.inviteRules(user)),
    };
    const { rooms, newRooms, leftRooms } = await this.#rooms(request, all, changes);
    const accountData =
      changes.accountData && !filter.accountData.allowsNothing
        ? await sources.accountData.global(user, since, end, filter.accountData)
        : [];
    const presence =
      changes.presence || newRooms.length > 0 || changes.withEvents.size > 0
        ? await this.#presence(request, newRooms)
        : [];
    const lists =
      since > 0 && (changes.deviceLists || newRooms.length > 0 || leftRooms.length > 0 || changes.withEvents.size > 0)
        ? await sources.encryption.deviceLists(user, since, end, { withEvents: changes.withEvents })
        : { changed: [], left: [] };
    lazy.answered(end);
    const isEmpty =
      rooms.join.length +
        rooms.invite.length +
        rooms.knock.length +
        rooms.leave.length +
        accountData.length +
        presence.length ===
        0 &&
      toDevice.events.length + lists.changed.length + lists.left.length === 0 &&
      !(since > 0 && changes.keys && device !== undefined);
    const keys =
      device === undefined
        ? ''
        : `,"device_one_time_keys_count":${await sources.encryption.oneTimeKeyCounts(device)},"device_unused_fallback_key_types":${await sources.encryption.unusedFallbackKeyTypes(device)}`;
    // As with Synapse: no empty object.
    const invites = rooms.invite.length === 0 ? '' : `"invite":{${rooms.invite.join(',')}},`;
    const text =
      `{"next_batch":"${syncToken(end)}","account_data":{"events":[${accountData.join(',')}]},"presence":{"events":[${presence.join(',')}]},` +
      `"rooms":{"join":{${rooms.join.join(',')}},${invites}"knock":{${rooms.knock.join(',')}},"leave":{${rooms.leave.join(',')}}},` +
      `"to_device":{"events":[${toDevice.events.join(',')}]},"device_lists":{"changed":${JSON.stringify(lists.changed)},"left":${JSON.stringify(lists.left)}}${keys}}`;
    return { text, isEmpty };
  }

  async #rooms(
    request: SyncRequest,
    all: ReadonlyMap<RoomNid, RoomMember>,
    changes: RoomChanges,
  ): Promise<{ rooms: Rooms; newRooms: RoomNid[]; leftRooms: RoomNid[] }> {
    const { sources, names, log } = this.#parts;
    const { since, upTo, filter, requester, partial } = request;
    const rooms: Rooms = { join: [], invite: [], knock: [], leave: [] };
    const newRooms: RoomNid[] = [];
    const leftRooms: RoomNid[] = [];
    const joined = [...all.values()].filter((member) => member.membership === 'join').map((member) => member.room);
    const accountData = changes.accountData
      ? await sources.accountData.byRoom(requester.user, since, upTo, filter.roomAccountData)
      : new Map<RoomNid, string[]>();
    const receiptRooms = since === 0 ? joined : joined.filter((room) => changes.withReceipts.has(room));
    const receipts =
      receiptRooms.length > 0
        ? await sources.receipts.byRoom(requester.user, receiptRooms, since, upTo)
        : new Map<RoomNid, string>();
    for (const member of all.values()) {
      const { room } = member;
      // What isn't reached yet is told when it is.
      if (member.position > upTo) continue;
      if (member.membership === 'join' && partial.isHidden(room)) continue;
      const isNews = member.position > since || partial.isFirstShown(room);
      if (member.membership === 'join' && isNews) newRooms.push(room);
      if ((member.membership === 'leave' || member.membership === 'ban') && isNews) leftRooms.push(room);
      const isTouched =
        since === 0 ||
        isNews ||
        request.fullState ||
        changes.withEvents.has(room) ||
        partial.isCompleted(room) ||
        changes.withTyping.has(room) ||
        receipts.has(room) ||
        accountData.has(room);
      if (!isTouched || !wantsMembership(member, isNews, request)) continue;
      const roomId = names.cachedRoomId(room) ?? (await names.roomId(room));
      if (!filter.rooms.allows(roomId)) continue;
      try {
        const hasEvents = since === 0 || changes.withEvents.has(room);
        const extras = {
          receipts: receipts.get(room),
          typing:
            since === 0 || isNews || changes.withTyping.has(room)
              ? sources.typing.inRoom(room, isNews ? 0 : since, upTo)
              : undefined,
          accountData:
            isNews && since > 0
              ? ((await sources.accountData.byRoom(requester.user, 0, upTo, filter.roomAccountData)).get(room) ?? [])
              : (accountData.get(room) ?? []),
        };
        const section = await this.#section(request, member, hasEvents, extras);
        if (section) rooms[section.kind].push(`${JSON.stringify(roomId)}:${section.text}`);
      } catch (error) {
        // One room that can't be shown must not keep the others from the user.
        log.error({ room: roomId, err: error }, 'a room could not be shown in a sync');
      }
    }
    return { rooms, newRooms, leftRooms };
  }

  async #section(
    request: SyncRequest,
    member: RoomMember,
    hasEvents: boolean,
    extras: Parameters<RoomSections['joined']>[3],
  ): Promise<{ kind: keyof Rooms; text: string } | undefined> {
    const { sections, outlines, names } = this.#parts;
    switch (member.membership) {
      case 'join': {
        const text = await sections.joined(request, member, hasEvents, extras);
        return text === undefined ? undefined : { kind: 'join', text };
      }
      case 'invite':
        // Client-Server API §"Invite permission".
        if ((await request.inviteRules())(await names.userId(member.sender)) !== 'allow') return undefined;
        return {
          kind: 'invite',
          text: await sections.outline(request, member, 'invite_state', await outlines.ofMember(member)),
        };
      case 'knock':
        return {
          kind: 'knock',
          text: await sections.outline(request, member, 'knock_state', await outlines.ofMember(member)),
        };
      case 'leave':
      case 'ban': {
        const text = await sections.left(request, member, extras.accountData);
        return text === undefined ? undefined : { kind: 'leave', text };
      }
    }
  }

  async #presence(request: SyncRequest, newRooms: readonly RoomNid[]): Promise<string[]> {
    if (request.filter.presence.allowsNothing) return [];
    const events = await this.#parts.sources.presence.events(
      request.requester.user,
      request.since,
      request.upTo,
      newRooms,
    );
    return events.filter((text) => {
      const { sender } = JSON.parse(text) as { sender: string };
      return request.filter.presence.allows({ type: 'm.presence', sender });
    });
  }
}
