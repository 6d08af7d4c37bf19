import { randomUUID } from 'node:crypto';
import type { JsonObject, JsonValue } from '@myelin/protocol';
import type { SignedPeerEvent } from '../../../federation/peer-rooms.ts';
import type { ForeignWorld } from '../foreign-world.ts';

const version = '11';

/** An id that no event has. */
export function noEvent(): string {
  return `$${randomUUID().replaceAll('-', '')}aaaaaaaaaaa`;
}

/** Makes events for a room in which the other server's user may do anything, at places of the caller's choice. */
export class ToldEvents {
  readonly roomId: string;
  readonly #world: ForeignWorld;
  readonly #bob: string;
  #place: { prev: JsonValue; depth: number } = { prev: [], depth: 0 };
  readonly #auth = new Map<string, string>();

  private constructor(world: ForeignWorld, roomId: string, bob: string) {
    this.#world = world;
    this.roomId = roomId;
    this.#bob = bob;
  }

  /** A new room, with the server's user and the other server's. */
  static async begin(world: ForeignWorld, bob: string): Promise<ToldEvents> {
    const alice = await world.server.client({ unrecorded: true }).registerUser(`a-${randomUUID().slice(0, 8)}`);
    const roomId = await alice.createRoom({
      preset: 'public_chat',
      room_version: version,
      power_level_content_override: { users: { [alice.userId as string]: 100, [bob]: 100 } },
    });
    await world.rooms.join(roomId, bob);
    const events = new ToldEvents(world, roomId, bob);
    const { body } = await alice.raw('GET', `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state`);
    for (const each of body) events.#auth.set(`${each.type} ${each.state_key}`, each.event_id);
    const { event } = await world.rooms.template('leave', roomId, bob);
    events.#place = { prev: event['prev_events'] as JsonValue, depth: Number(event['depth']) };
    return events;
  }

  /** A message, with what is changed of it. */
  message(changes: JsonObject = {}): SignedPeerEvent {
    const auth = ['m.room.create ', 'm.room.power_levels ', `m.room.member ${this.#bob}`];
    const event = {
      type: 'm.room.message',
      sender: this.#bob,
      content: { msgtype: 'm.text', body: randomUUID() },
      room_id: this.roomId,
      prev_events: this.#place.prev,
      auth_events: auth.flatMap((key) => this.#auth.get(key) ?? []),
      depth: this.#place.depth,
      origin_server_ts: Date.now(),
      ...changes,
    };
    return this.#world.rooms.sign(event as JsonObject, version);
  }
}
