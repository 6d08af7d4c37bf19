import type { Events, StoredEvent } from '../../events/index.ts';
import type { EventNid } from '../../names/index.ts';
import type { StateMaps } from '../../state-map/index.ts';
import { viewOf, type StateResolver } from '../../state-resolution/index.ts';
import type { PartialRooms } from '../../partial-rooms/index.ts';
import { restateEnds, type EventPlacer, type Timeline } from '../../timeline/index.ts';
import { coveredBy, isLeftOut } from '../placing/followed-events.ts';

export interface FollowedEndsParts {
  readonly events: Events;
  readonly maps: StateMaps;
  readonly resolver: StateResolver;
  readonly placer: EventPlacer;
  readonly timeline: Timeline;
  readonly partialRooms: PartialRooms;
}

/** Finds the ends of rooms that turn out to be followed. */
export class FollowedEnds {
  readonly #parts: FollowedEndsParts;

  constructor(parts: FollowedEndsParts) {
    this.#parts = parts;
  }

  /**
   * A rejected or soft-failed event has come that another one follows: the ends before it are none any more, but those that
   * the state before its follower leaves out.
   */
  async drop(hidden: StoredEvent, follower: EventNid): Promise<void> {
    const { events, maps, timeline } = this.#parts;
    await timeline.write(hidden.room, async (writer, head) => {
      const following = await events.get(follower, writer);
      if (!following.isShown) return;
      const covered = await coveredBy([hidden], head.version, events, writer);
      const extremities: StoredEvent[] = [];
      for (const end of head.extremities) {
        const { stateKeyNid, stateBefore } = end.fields;
        const isEnd =
          !covered.eventIds.has(end.eventId) ||
          (await isLeftOut(stateKeyNid, viewOf(stateBefore), following, maps, writer));
        if (isEnd) extremities.push(end);
      }
      if (extremities.length === head.extremities.length || extremities.length === 0) return;
      await restateEnds(this.#parts, writer, head, follower, extremities);
    });
  }
}
