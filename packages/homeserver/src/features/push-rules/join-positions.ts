import { boundedCache } from '../../caches/index.ts';
import { memberKey, type EventNid, type RoomNid, type UserNid } from '../names/index.ts';
import type { RoomMember } from '../room-members/index.ts';
import type { RoomStates } from '../timeline/index.ts';

/** Changes of a profile that are followed back to the join; earlier ones are taken for it. */
const mostSteps = 100;

/** When users came into rooms. A membership event that only changes the profile isn't a join. */
export class JoinPositions {
  readonly #states: RoomStates;
  readonly #cache = boundedCache<string, { readonly member: EventNid; readonly joined: number }>(20_000);

  constructor(states: RoomStates) {
    this.#states = states;
  }

  /** Position of the event by which a member who is in the room joined. */
  async of({ room, user, event, position }: RoomMember): Promise<number> {
    const key = keyOf(room, user);
    const cached = this.#cache.get(key);
    if (cached?.member === event) return cached.joined;
    let joined = position;
    let member = await this.#states.eventOf(event);
    for (let step = 0; step < mostSteps; step++) {
      const before = await this.#states.getByKey(member.fields.stateBefore, memberKey(user));
      if (before?.content['membership'] !== 'join' || before.position === undefined) break;
      member = before;
      joined = before.position;
    }
    this.#cache.set(key, { member: event, joined });
    return joined;
  }
}

function keyOf(room: RoomNid, user: UserNid): string {
  return `${room} ${user}`;
}
