import { boundedCache } from '../../caches/index.ts';
import type { JsonObject } from '@myelin/protocol';
import type { RoomNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { RoomHead, RoomHeads, RoomStates } from '../timeline/index.ts';

/** What is told of a room to those outside. Client-Server API §GET /publicRooms. */
export interface RoomCard {
  readonly room_id: string;
  readonly name?: string;
  readonly topic?: string;
  readonly avatar_url?: string;
  readonly canonical_alias?: string;
  readonly join_rule: string;
  readonly room_type?: string;
  readonly num_joined_members: number;
  readonly world_readable: boolean;
  readonly guest_can_join: boolean;
}

type StateFacts = Omit<RoomCard, 'num_joined_members'>;

/** Makes the cards of rooms from their current state; what the state says is kept while it doesn't change. */
export class RoomCards {
  readonly #heads: RoomHeads;
  readonly #states: RoomStates;
  readonly #members: RoomMembers;
  readonly #facts = boundedCache<RoomNid, { state: StateRoot; facts: StateFacts }>(20_000);

  constructor(heads: RoomHeads, states: RoomStates, members: RoomMembers) {
    this.#heads = heads;
    this.#states = states;
    this.#members = members;
  }

  /** Undefined for a room that the server doesn't know. */
  async card(room: RoomNid): Promise<RoomCard | undefined> {
    const head = await this.#heads.find(room);
    if (!head) return undefined;
    const facts = await this.#factsOf(head);
    return { ...facts, num_joined_members: await this.#members.count(room, 'join') };
  }

  async #factsOf(head: RoomHead): Promise<StateFacts> {
    const cached = this.#facts.get(head.room);
    if (cached?.state === head.state) return cached.facts;
    const content = async (type: string): Promise<JsonObject> => (await this.#states.get(head.state, type, ''))?.content ?? {};
    const facts: StateFacts = {
      room_id: head.roomId,
      ...text('name', (await content('m.room.name'))['name']),
      ...text('topic', (await content('m.room.topic'))['topic']),
      ...text('avatar_url', (await content('m.room.avatar'))['url']),
      ...text('canonical_alias', (await content('m.room.canonical_alias'))['alias']),
      ...text('room_type', (await content('m.room.create'))['type']),
      join_rule: joinRule(await content('m.room.join_rules')),
      world_readable: (await content('m.room.history_visibility'))['history_visibility'] === 'world_readable',
      guest_can_join: (await content('m.room.guest_access'))['guest_access'] === 'can_join',
    };
    this.#facts.set(head.room, { state: head.state, facts });
    return facts;
  }
}

function text<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: string } {
  return typeof value === 'string' && value !== '' ? ({ [key]: value } as { readonly [K in Key]?: string }) : {};
}

function joinRule(content: JsonObject): string {
  const rule = content['join_rule'];
  return typeof rule === 'string' ? rule : 'invite';
}
