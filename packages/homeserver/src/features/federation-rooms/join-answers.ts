import type { RoomVersion } from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid, RoomNid, UserNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { RoomStates } from '../timeline/index.ts';
import type { AuthChains } from './auth-chains.ts';
import type { SlowReading } from './slow-reading.ts';

/** Implemented by `features/sync`. */
export interface RoomHeroes {
  /** The members by whom a room without a name is known. */
  summary(room: RoomNid, state: StateRoot, reader: UserNid): Promise<{ readonly heroes: readonly UserNid[] }>;
}

export interface JoinAnswersParts {
  readonly serverName: string;
  readonly states: RoomStates;
  readonly chains: AuthChains;
  readonly slowly: SlowReading;
  readonly heroes: RoomHeroes;
}

/** What a server is told that has come into a room. Server-Server API §PUT /send_join. */
export class JoinAnswers {
  readonly #parts: JoinAnswersParts;

  constructor(parts: JoinAnswersParts) {
    this.#parts = parts;
  }

  /**
   * The JSON text of the answer to a join. `servers`: the servers that were in the room before; if given, members are left
   * out but for those by whom the room is known.
   */
  async answer(
    version: RoomVersion,
    join: StoredEvent,
    before: StateRoot,
    servers: readonly string[] | undefined,
  ): Promise<string> {
    const { chains, slowly, serverName } = this.#parts;
    const state = servers ? await this.#withoutMembers(join, before) : await slowly.state(before, true);
    const chain = await chains.of(version, [join, ...state]);
    const told = new Set<EventNid>(servers ? state.map((event) => event.nid) : []);
    const text =
      `{"auth_chain":${listOf(chain.filter((event) => !told.has(event.nid)))},"event":${join.fields.json},` +
      `"members_omitted":${servers !== undefined},"origin":${JSON.stringify(serverName)},"state":${listOf(state)}`;
    return servers ? `${text},"servers_in_room":${JSON.stringify(servers)}}` : `${text}}`;
  }

  async #withoutMembers(join: StoredEvent, before: StateRoot): Promise<StoredEvent[]> {
    const { states, heroes, slowly } = this.#parts;
    const { heroes: users } = await heroes.summary(join.room, before, join.senderNid);
    const members: StoredEvent[] = [];
    for (const user of new Set([...users, join.senderNid])) {
      const member = await states.member(before, user);
      if (member && !member.isRejected) members.push(member);
    }
    return [...(await slowly.state(before, false)), ...members];
  }
}

function listOf(events: readonly StoredEvent[]): string {
  return `[${events.map((event) => event.fields.json).join(',')}]`;
}
