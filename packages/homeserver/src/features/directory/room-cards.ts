import type { Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import { boundedCache } from '../../caches/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { RoomNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { EventProjection, RoomHead, RoomHeads, RoomStates } from '../timeline/index.ts';
import { shownText } from './shown-text.ts';

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

interface KnownFacts {
  readonly state: StateRoot;
  readonly facts: StateFacts;
  /** Whether other servers may be in the room (`m.federate`). */
  readonly isFederated: boolean;
}

/** Makes the cards of rooms from their current state; what the state says is kept while it doesn't change. */
export class RoomCards implements EventProjection {
  readonly #heads: RoomHeads;
  readonly #states: RoomStates;
  readonly #members: RoomMembers;
  readonly #facts = boundedCache<RoomNid, KnownFacts>(20_000);
  /** Grows with each redaction, so that what was read before it isn't kept after it. */
  #redactions = 0;

  constructor(heads: RoomHeads, states: RoomStates, members: RoomMembers) {
    this.#heads = heads;
    this.#states = states;
    this.#members = members;
  }

  /** A redaction can change what a state says without making another state. */
  async apply(writer: Writer, event: StoredEvent): Promise<void> {
    if (event.type !== 'm.room.redaction') return;
    writer.onDurable(() => {
      this.#redactions++;
      this.#facts.delete(event.room);
    });
  }

  /** Undefined for a room that the server doesn't know. */
  async card(room: RoomNid): Promise<RoomCard | undefined> {
    const head = await this.#heads.find(room);
    if (!head) return undefined;
    const { facts } = await this.#factsOf(head);
    return { ...facts, num_joined_members: await this.#members.count(room, 'join') };
  }

  /** Whether other servers may be in a room. */
  async isFederated(room: RoomNid): Promise<boolean> {
    const head = await this.#heads.find(room);
    return head !== undefined && (await this.#factsOf(head)).isFederated;
  }

  async #factsOf(head: RoomHead): Promise<KnownFacts> {
    const cached = this.#facts.get(head.room);
    if (cached?.state === head.state) return cached;
    const before = this.#redactions;
    const content = async (type: string): Promise<JsonObject> =>
      (await this.#states.get(head.state, type, ''))?.content ?? {};
    const create = await content('m.room.create');
    const facts: StateFacts = {
      room_id: head.roomId,
      ...text('name', (await content('m.room.name'))['name']),
      ...text('topic', (await content('m.room.topic'))['topic']),
      ...text('avatar_url', shownText('avatar_url', (await content('m.room.avatar'))['url'])),
      ...text('canonical_alias', shownText('canonical_alias', (await content('m.room.canonical_alias'))['alias'])),
      ...text('room_type', create['type']),
      join_rule: joinRule(await content('m.room.join_rules')),
      world_readable: (await content('m.room.history_visibility'))['history_visibility'] === 'world_readable',
      guest_can_join: (await content('m.room.guest_access'))['guest_access'] === 'can_join',
    };
    const known = { state: head.state, facts, isFederated: create['m.federate'] !== false };
    if (before === this.#redactions) this.#facts.set(head.room, known);
    return known;
  }
}

function text<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: string } {
  return typeof value === 'string' && value !== '' ? ({ [key]: value } as { readonly [K in Key]?: string }) : {};
}

function joinRule(content: JsonObject): string {
  const rule = content['join_rule'];
  return typeof rule === 'string' ? rule : 'invite';
}
