import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { RoomStates } from '../timeline/index.ts';

export interface RoomSummary {
  readonly text: string;
  /** Users whose member events the client needs to show the room's name. */
  readonly heroes: readonly UserNid[];
}

const mostHeroes = 5;
/** Rooms larger than this have a name or get along with some member's: not all members are looked at. */
const mostMembersRead = 1_000;

/** What a client needs to show a room without all of its members. Client-Server API §GET /sync, RoomSummary. */
export class RoomSummaries {
  readonly #members: RoomMembers;
  readonly #states: RoomStates;
  readonly #names: Names;

  constructor(members: RoomMembers, states: RoomStates, names: Names) {
    this.#members = members;
    this.#states = states;
    this.#names = names;
  }

  async summary(room: RoomNid, state: StateRoot, reader: UserNid): Promise<RoomSummary> {
    const joined = await this.#members.joinedUsers(room);
    const invited = await this.#members.count(room, 'invite');
    const heroes = (await this.#isNamed(state)) ? [] : await this.#heroes(room, joined, reader);
    const ids = await this.#names.userIds(heroes);
    const heroText = heroes.length === 0 ? '' : `"m.heroes":${JSON.stringify(heroes.map((user) => ids.get(user)))},`;
    return { text: `{${heroText}"m.invited_member_count":${invited},"m.joined_member_count":${joined.size}}`, heroes };
  }

  async #isNamed(state: StateRoot): Promise<boolean> {
    const name = (await this.#states.get(state, 'm.room.name', ''))?.content['name'];
    if (typeof name === 'string' && name !== '') return true;
    const alias = (await this.#states.get(state, 'm.room.canonical_alias', ''))?.content['alias'];
    return typeof alias === 'string' && alias !== '';
  }

  /** The members who came first, besides the reader; if there are none, those who were here. */
  async #heroes(room: RoomNid, joined: ReadonlySet<UserNid>, reader: UserNid): Promise<UserNid[]> {
    if (joined.size > mostMembersRead) return [...joined].filter((user) => user !== reader).slice(0, mostHeroes);
    const all = (await this.#members.ofRoom(room))
      .filter((member) => member.user !== reader)
      .toSorted((a, b) => a.position - b.position);
    const present = all.filter((member) => member.membership === 'join' || member.membership === 'invite');
    const chosen =
      present.length > 0
        ? present
        : all.filter((member) => member.membership === 'leave' || member.membership === 'ban');
    return chosen.slice(0, mostHeroes).map((member) => member.user);
  }
}
