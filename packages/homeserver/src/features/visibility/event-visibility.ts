import type { Reader } from '@myelin/database';
import {
  canonicalJson,
  historyVisibilityOf,
  redactEvent,
  redactsOf,
  visibilityForClient,
  type ClientVisibility,
  type HistoryVisibility,
} from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import { memberKey, type UserNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { RoomHeads, RoomStates } from '../timeline/index.ts';

/** Who is looking, and what of them counts beyond the state at each event. */
export interface Viewer {
  readonly user: UserNid;
  /** The user is in the room now. */
  readonly isJoined: boolean;
  /** If they have left: the position of their leave. Up to there they were in the room after each event. */
  readonly leftAt?: number | undefined;
  /** Users whose messages this one doesn't want to see. */
  readonly ignored?: ReadonlySet<UserNid> | undefined;
}

/** Users who asked, when they left for ever, for what they wrote to be hidden. Implemented by `features/accounts`. */
export interface ErasedUsers {
  erased(): Promise<ReadonlySet<UserNid>>;
}

/**
 * Clients aren't told of these: old aliases events mean nothing any more, and what only joins the ends of a forked room
 * says nothing.
 */
const hiddenTypes: ReadonlySet<string> = new Set(['m.room.aliases', 'org.matrix.dummy_event']);

/** What of a room's events a user may see. Client-Server API §"Room History Visibility". */
export class EventVisibility {
  readonly #states: RoomStates;
  readonly #heads: RoomHeads;
  readonly #events: Events;
  readonly #erasedUsers: ErasedUsers;

  constructor(states: RoomStates, heads: RoomHeads, events: Events, erasedUsers: ErasedUsers) {
    this.#states = states;
    this.#heads = heads;
    this.#events = events;
    this.#erasedUsers = erasedUsers;
  }

  /**
   * The events that the viewer may see, in their order; those of erased users as a redaction would leave them, for who
   * wasn't in the room then.
   */
  async filter(events: readonly StoredEvent[], viewer: Viewer, reader?: Reader): Promise<StoredEvent[]> {
    const erased = await this.#erasedUsers.erased();
    const byState = new Map<StateRoot, HistoryVisibility>();
    const out: StoredEvent[] = [];
    for (const event of events) {
      const visibility = await this.#visibility(event, viewer, erased, byState, reader);
      if (visibility === 'visible') out.push(event);
      else if (visibility === 'redacted') out.push(await this.#redacted(event, reader));
    }
    return out;
  }

  /** The event as the viewer may see it, if they may. */
  async seen(event: StoredEvent, viewer: Viewer, reader?: Reader): Promise<StoredEvent | undefined> {
    const [seen] = await this.filter([event], viewer, reader);
    return seen;
  }

  /** Whether the viewer may know of the event, whatever they may see of it. */
  async isVisible(event: StoredEvent, viewer: Viewer, reader?: Reader): Promise<boolean> {
    const erased = await this.#erasedUsers.erased();
    return (await this.#visibility(event, viewer, erased, new Map(), reader)) !== 'hidden';
  }

  async #redacted(event: StoredEvent, reader?: Reader): Promise<StoredEvent> {
    if (event.fields.redactedBy !== undefined) return event;
    const head = await this.#heads.find(event.room, reader);
    if (!head) throw new Error(`Event ${event.nid} is of an unknown room`);
    return event.pruned(canonicalJson(redactEvent(event.pdu, head.version), 'lenient'));
  }

  async #visibility(
    event: StoredEvent,
    viewer: Viewer,
    erased: ReadonlySet<UserNid>,
    byState: Map<StateRoot, HistoryVisibility>,
    reader?: Reader,
  ): Promise<ClientVisibility> {
    if (!event.isShown || hiddenTypes.has(event.type)) return 'hidden';
    if (event.type === 'm.room.redaction' && !(await this.#hasTakenEffect(event, reader))) return 'hidden';
    const { stateAfter, stateBefore } = event.fields;
    let visibility = byState.get(stateAfter);
    if (visibility === undefined) {
      visibility = await this.#visibilityIn(stateAfter, reader);
      byState.set(stateAfter, visibility);
    }
    const senderErased = erased.has(event.senderNid);
    const senderIgnored = viewer.ignored?.has(event.senderNid) ?? false;
    const isOwnMembership = event.fields.stateKeyNid === memberKey(viewer.user);
    const joinedSince = viewer.isJoined || (viewer.leftAt !== undefined && (event.position ?? 0) <= viewer.leftAt);
    // The common case: no look at memberships is needed.
    if (
      joinedSince &&
      !senderIgnored &&
      !senderErased &&
      !isOwnMembership &&
      (visibility === 'shared' || visibility === 'world_readable')
    )
      return 'visible';
    return visibilityForClient({
      visibility,
      visibilityBefore:
        event.type === 'm.room.history_visibility' ? await this.#visibilityIn(stateBefore, reader) : undefined,
      membership: await this.#states.membership(stateAfter, viewer.user, reader),
      isOwnMembership,
      membershipBefore: isOwnMembership ? await this.#states.membership(stateBefore, viewer.user, reader) : undefined,
      joinedSince,
      isState: event.isState,
      senderIgnored,
      senderErased,
      isOutlier: event.isOutlier,
    });
  }

  /** Room Version 3, "Handling redactions": one that isn't carried out, or not yet, isn't sent to clients. */
  async #hasTakenEffect(redaction: StoredEvent, reader?: Reader): Promise<boolean> {
    if (redaction.isState) return true;
    const head = await this.#heads.find(redaction.room, reader);
    const targetId = head && redactsOf(redaction.unredactedPdu, head.version);
    if (targetId === undefined) return false;
    const target = await this.#events.findInRoom(redaction.room, targetId, reader);
    return target?.fields.redactedBy !== undefined;
  }

  async #visibilityIn(state: StateRoot, reader?: Reader): Promise<HistoryVisibility> {
    return historyVisibilityOf((await this.#states.get(state, 'm.room.history_visibility', '', reader))?.content);
  }
}
