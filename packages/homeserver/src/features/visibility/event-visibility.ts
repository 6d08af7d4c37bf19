import type { Reader } from '@myelin/database';
import { historyVisibilityOf, visibilityForClient, type HistoryVisibility } from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import { memberKey, type UserNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { RoomStates } from '../timeline/index.ts';

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

/** Which events of a room a user may see. Client-Server API §"Room History Visibility". */
export class EventVisibility {
  readonly #states: RoomStates;

  constructor(states: RoomStates) {
    this.#states = states;
  }

  /** The events that the viewer may see, in their order. */
  async filter(events: readonly StoredEvent[], viewer: Viewer, reader?: Reader): Promise<StoredEvent[]> {
    const byState = new Map<StateRoot, HistoryVisibility>();
    const out: StoredEvent[] = [];
    for (const event of events) if (await this.#isVisible(event, viewer, byState, reader)) out.push(event);
    return out;
  }

  async isVisible(event: StoredEvent, viewer: Viewer, reader?: Reader): Promise<boolean> {
    return this.#isVisible(event, viewer, new Map(), reader);
  }

  async #isVisible(
    event: StoredEvent,
    viewer: Viewer,
    byState: Map<StateRoot, HistoryVisibility>,
    reader?: Reader,
  ): Promise<boolean> {
    // Old aliases events mean nothing any more, and clients aren't told of them.
    if (!event.isShown || event.type === 'm.room.aliases') return false;
    const { stateAfter, stateBefore } = event.fields;
    let visibility = byState.get(stateAfter);
    if (visibility === undefined) {
      visibility = await this.#visibilityIn(stateAfter, reader);
      byState.set(stateAfter, visibility);
    }
    const senderIgnored = viewer.ignored?.has(event.senderNid) ?? false;
    const isOwnMembership = event.fields.stateKeyNid === memberKey(viewer.user);
    const joinedSince = viewer.isJoined || (viewer.leftAt !== undefined && (event.position ?? 0) <= viewer.leftAt);
    // The common case: no look at memberships is needed.
    if (
      joinedSince &&
      !senderIgnored &&
      !isOwnMembership &&
      (visibility === 'shared' || visibility === 'world_readable')
    )
      return true;
    return (
      visibilityForClient({
        visibility,
        visibilityBefore:
          event.type === 'm.room.history_visibility' ? await this.#visibilityIn(stateBefore, reader) : undefined,
        membership: await this.#states.membership(stateAfter, viewer.user, reader),
        isOwnMembership,
        membershipBefore: isOwnMembership ? await this.#states.membership(stateBefore, viewer.user, reader) : undefined,
        joinedSince,
        isState: event.isState,
        senderIgnored,
        senderErased: false,
        isOutlier: event.isOutlier,
      }) !== 'hidden'
    );
  }

  async #visibilityIn(state: StateRoot, reader?: Reader): Promise<HistoryVisibility> {
    return historyVisibilityOf((await this.#states.get(state, 'm.room.history_visibility', '', reader))?.content);
  }
}
