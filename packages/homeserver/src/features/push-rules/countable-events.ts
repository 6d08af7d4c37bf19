import { PushEvent, redactsOf } from '@myelin/protocol';
import { LRUCache } from 'lru-cache';
import { boundedCache } from '../../caches/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid, UserNid } from '../names/index.ts';
import type { EventThreads } from '../receipts/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { AuthStates, RoomHeads, RoomStates } from '../timeline/index.ts';

/** What counting needs of an event, the same for all readers. */
export interface CountableEvent {
  readonly nid: EventNid;
  readonly position: number;
  readonly sender: UserNid;
  /** Neither state nor a redaction. */
  readonly isMessage: boolean;
  /** Rejected and soft-failed events are never shown, so they don't count. */
  readonly isShown: boolean;
  /** The event id of the root, or `main`. */
  readonly thread: string;
  readonly push: PushEvent;
  /** It was looked at after its redaction, so that its content is gone. */
  readonly isPruned: boolean;
  /** Of a redaction: the event that it took away. */
  readonly redacted: EventNid | undefined;
}

export interface CountableEventParts {
  readonly events: Events;
  readonly states: RoomStates;
  readonly authStates: AuthStates;
  readonly heads: RoomHeads;
  readonly members: RoomMembers;
  readonly threads: EventThreads;
  readonly cacheBytes: number;
}

/** What a room's state says about who may notify whom. */
interface NotificationLevels {
  levelOf(userId: string): number | null;
  readonly notifications: Readonly<Record<string, unknown>>;
}

/** About what a countable event takes besides its parsed text, in bytes. */
const overhead = 1_000;
/** About what the event keeps for each reader with rules of their own. */
const bytesPerReader = 64;

/** Makes events ready for push rules, once for all who read them, and keeps those used last. */
export class CountableEvents {
  readonly #parts: CountableEventParts;
  readonly #cache: LRUCache<EventNid, CountableEvent>;
  readonly #making = new Map<EventNid, Promise<CountableEvent>>();
  readonly #levels = boundedCache<StateRoot, NotificationLevels>(5_000);

  constructor(parts: CountableEventParts) {
    this.#parts = parts;
    this.#cache = new LRUCache({ maxSize: parts.cacheBytes });
  }

  /** The event if it is in memory. */
  cached(nid: EventNid): CountableEvent | undefined {
    return this.#cache.get(nid);
  }

  async get(nid: EventNid): Promise<CountableEvent> {
    return this.#cache.get(nid) ?? this.of(await this.#parts.events.get(nid));
  }

  of(event: StoredEvent): Promise<CountableEvent> | CountableEvent {
    const cached = this.#cache.get(event.nid);
    if (cached) return cached;
    let making = this.#making.get(event.nid);
    if (!making) {
      making = this.#make(event).finally(() => this.#making.delete(event.nid));
      this.#making.set(event.nid, making);
    }
    return making;
  }

  async #make(event: StoredEvent): Promise<CountableEvent> {
    const { members, threads } = this.#parts;
    const levels = await this.#levelsAt(event);
    const push = new PushEvent(event.unredactedPdu, {
      // What the room has when the event is first looked at: the specification asks for the current number.
      roomMemberCount: (await members.joinedUsers(event.room)).size,
      senderPowerLevel: levels.levelOf(event.sender),
      notificationLevels: levels.notifications,
      roomId: event.roomId,
    });
    const countable: CountableEvent = {
      nid: event.nid,
      position: event.position ?? 0,
      sender: event.senderNid,
      isMessage: !event.isState && event.type !== 'm.room.redaction',
      isShown: event.isShown,
      thread: await threads.threadOf(event),
      push,
      isPruned: event.fields.redactedBy !== undefined,
      redacted: await this.#redactedBy(event),
    };
    const size = overhead + event.fields.json.length * 2 + push.context.roomMemberCount * bytesPerReader;
    // One event that very many read is kept all the same.
    this.#cache.set(event.nid, countable, { size: Math.min(size, Math.ceil(this.#cache.maxSize / 16)) });
    return countable;
  }

  async #levelsAt(event: StoredEvent): Promise<NotificationLevels> {
    const { heads, states, authStates } = this.#parts;
    const state = event.fields.stateBefore;
    const cached = this.#levels.get(state);
    if (cached) return cached;
    const head = await heads.find(event.room);
    if (!head) throw new Error(`Event ${event.nid} is of an unknown room`);
    const powerLevels = await authStates.levels({ version: head.version, state });
    const content = (await states.get(state, 'm.room.power_levels', ''))?.content;
    const notifications = content?.['notifications'];
    const levels: NotificationLevels = {
      levelOf(userId) {
        const level = Number(powerLevels.userLevel(userId));
        return Number.isNaN(level) ? null : level;
      },
      notifications:
        typeof notifications === 'object' && notifications !== null ? (notifications as Record<string, unknown>) : {},
    };
    this.#levels.set(state, levels);
    return levels;
  }

  async #redactedBy(event: StoredEvent): Promise<EventNid | undefined> {
    if (event.type !== 'm.room.redaction' || event.isState) return undefined;
    const { events, heads } = this.#parts;
    const head = await heads.find(event.room);
    const targetId = head && redactsOf(event.pdu, head.version);
    const target = targetId === undefined ? undefined : await events.findInRoom(event.room, targetId);
    return target?.fields.redactedBy === event.nid ? target.nid : undefined;
  }
}
