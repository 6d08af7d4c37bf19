import { randomUUID } from 'node:crypto';
import {
  authTypesForEvent,
  CanonicalJsonError,
  hashAndSignEvent,
  isJsonObject,
  parseJson,
  roomVersion,
  type JsonObject,
  type JsonValue,
  type RoomVersion,
  type UnsignedPdu,
} from '@myelin/protocol';
import type { SignedPeerEvent } from '../../federation/peer-rooms.ts';
import { loadEventSchemas, type JsonSchema } from '../../specification/operations.ts';
import { mutate, oddName, someChanges } from '../mutate.ts';
import { valueFromSchema } from '../value-from-schema.ts';
import type { ForeignWorld, Situation } from './foreign-world.ts';

/** The schemas of contents, by type. */
const schemas: Readonly<Record<string, JsonSchema | undefined>> = Object.fromEntries(
  Object.entries(loadEventSchemas()).map(([type, schema]) => [
    type,
    (schema as { properties?: { content?: JsonSchema } }).properties?.content,
  ]),
);

/** What is in rooms, and types that the specification doesn't list (yet, or any more). */
export const eventTypes: readonly string[] = [
  ...Object.keys(schemas).filter((type) =>
    /^m\.(room|space|policy|call|reaction|sticker|key\.verification)/.test(type),
  ),
  'm.room.aliases',
  'm.room.retention',
  'm.poll.start',
  'm.poll.response',
  'm.poll.end',
  'org.matrix.msc3381.poll.start',
  'm.beacon_info',
  'm.widget',
  'org.example',
];
const oftenTypes = [
  'm.room.member',
  'm.room.power_levels',
  'm.room.message$m.text',
  'm.room.redaction',
  'm.reaction',
  'm.room.join_rules',
  'm.space.child',
];

const messageTypes = /^m\.(room\.(message|encrypted|redaction)|call|reaction|sticker|key|poll)|^org/;
const relationTypes = ['m.annotation', 'm.replace', 'm.thread', 'm.reference', 'org.example', 'm.in_reply_to'];

/** Where the room stands, as far as the other server can tell. */
interface View {
  readonly prevEvents: JsonValue;
  readonly depth: number;
  /** Event id and content by type and state key. */
  readonly state: ReadonlyMap<string, { readonly id: string; readonly content: JsonObject }>;
}

/** Makes events of the users of the other server in the situation's room, rightly signed, nearly as they should be. */
export class OddEvents {
  readonly #world: ForeignWorld;
  readonly #there: Situation;
  readonly #version: RoomVersion;
  #view: View | undefined;
  #last: { event: SignedPeerEvent; depth: number } | undefined;

  constructor(world: ForeignWorld, there: Situation) {
    this.#world = world;
    this.#there = there;
    this.#version = roomVersion(there.version) as RoomVersion;
  }

  /** Looks at the room anew; what is made from now on follows what is there. */
  async look(): Promise<boolean> {
    const { alice, bob, roomId } = this.#there;
    const unchecked = { expect: 'any' } as const;
    const leave = `/v1/make_leave/${encodeURIComponent(roomId)}/${encodeURIComponent(bob)}`;
    const [template, state] = await Promise.all([
      this.#world.rooms.request('GET', leave, undefined, unchecked),
      alice.raw('GET', `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state`),
    ]);
    if (template.status !== 200 || state.status !== 200) return this.#view !== undefined;
    const byKey = new Map<string, { id: string; content: JsonObject }>();
    for (const { type, state_key: key, event_id: id, content } of state.body)
      byKey.set(`${type} ${key}`, { id, content });
    this.#view = {
      prevEvents: template.body.event.prev_events,
      depth: Number(template.body.event.depth),
      state: byKey,
    };
    this.#last = undefined;
    return true;
  }

  /** An event. `calm`: as it should be. */
  make(calm = false): SignedPeerEvent {
    const { random, known, bob, dora } = this.#there;
    const name = calm ? 'm.room.message$m.text' : random.pick(random.chance(0.4) ? oftenTypes : eventTypes);
    const type = name.split('$', 1)[0] as string;
    const sender = random.chance(calm ? 0 : 0.1) ? dora : bob;
    let content = calm ? { msgtype: 'm.text', body: 'calm' } : this.#content(name);
    if (!calm && random.chance(0.6)) content = mutate(content, someChanges(random), { random, known }) as JsonObject;
    const stateKey =
      messageTypes.test(type) === random.chance(0.03) ? this.#stateKey(type, sender, content) : undefined;
    const event = this.#whole({ type, sender, content, ...(stateKey === undefined ? {} : { state_key: stateKey }) });
    const isSpoilt = !calm && random.chance(0.3);
    const spoilt = isSpoilt ? mutate(event, 1, { random, known }) : event;
    return this.sign(isJsonObject(spoilt) ? this.#withSigil(spoilt) : event, !calm);
  }

  /** Hashes and signs, as well as it can be done. */
  sign(event: JsonObject, mayAddOdd = false): SignedPeerEvent {
    const { random, known } = this.#there;
    const { peer } = this.#world;
    const loose = { ...this.#version, strictCanonicalJson: false };
    const signed = (members: JsonObject): SignedPeerEvent => {
      const made = hashAndSignEvent(asSent(members) as UnsignedPdu, loose, peer.serverName, peer.key);
      return { eventId: made.eventId, event: made.event as JsonObject };
    };
    let made: SignedPeerEvent;
    try {
      made = signed(event);
    } catch (error) {
      // Without a type, or with text that can't be signed: the signature is of something else.
      if (!(error instanceof CanonicalJsonError || error instanceof TypeError)) throw error;
      const whole = signed(this.#whole({ type: 'org.example', sender: this.#there.bob, content: {} }));
      made = { eventId: whole.eventId, event: { ...whole.event, ...event } };
    }
    if (!mayAddOdd) return made;
    if (random.chance(0.05))
      made.event['signatures'] = mutate(made.event['signatures'] as JsonValue, 1, { random, known });
    if (random.chance(0.05))
      made.event['unsigned'] = mutate({ age: 1, prev_content: {}, 'm.relations': {} }, 2, { random, known });
    this.#last = { event: made, depth: Number(made.event['depth']) };
    return made;
  }

  /** Versions 1 and 2 let servers choose ids, which Synapse takes without a `$` too. */
  #withSigil(event: JsonObject): JsonObject {
    const { event_id: id } = event;
    const isOdd = this.#version.eventIdFormat === 'sender-chosen' && typeof id === 'string' && !id.startsWith('$');
    return isOdd ? { ...event, event_id: `$${id}` } : event;
  }

  #whole(event: { type: string; sender: string; content: JsonObject; state_key?: string }): JsonObject {
    const { random, roomId } = this.#there;
    const view = this.#view as View;
    const ownId = this.#version.eventIdFormat === 'sender-chosen';
    const reference = (id: string): JsonValue => (this.#version.eventReferences === 'id' ? id : [id, { sha256: 'x' }]);
    const auth = authTypesForEvent(event as never, this.#version).flatMap(({ type, stateKey }) => {
      const found = view.state.get(`${type} ${stateKey}`);
      return found ? [reference(found.id)] : [];
    });
    const redacts = event.type === 'm.room.redaction' && !this.#version.redactsInContent;
    const follows =
      this.#last !== undefined && typeof this.#last.event.eventId === 'string' && random.chance(0.3)
        ? this.#last
        : undefined;
    return {
      ...event,
      room_id: roomId,
      prev_events: follows ? [reference(follows.event.eventId)] : view.prevEvents,
      auth_events: auth,
      depth: follows && Number.isSafeInteger(follows.depth) ? follows.depth + 1 : view.depth,
      origin_server_ts: Date.now(),
      ...(redacts ? { redacts: random.pick(this.#there.eventIds) } : {}),
      ...(ownId ? { event_id: `$${randomUUID()}:${this.#world.peer.serverName}` } : {}),
    };
  }

  #content(name: string): JsonObject {
    const { random, known, eventIds } = this.#there;
    const type = name.split('$', 1)[0] as string;
    const schema = schemas[name];
    const hostility = random.pick([0, 0, 0.02, 0.2]);
    const made = schema === undefined ? {} : valueFromSchema(schema, { random, known, hostility });
    const own = isJsonObject(made) ? made : {};
    if (type === 'm.room.power_levels' && random.chance(0.8)) {
      const current = this.#view?.state.get('m.room.power_levels ')?.content ?? {};
      return { ...own, ...current, notifications: { room: 50 } };
    }
    if (type === 'm.room.member') own['membership'] = random.pick(['join', 'leave', 'ban', 'invite', 'knock', 'join']);
    if (type === 'm.room.redaction') own['redacts'] = random.pick(eventIds);
    if (type.startsWith('m.space')) own['via'] = [this.#world.server.serverName, this.#world.peer.serverName];
    if (messageTypes.test(type) && random.chance(0.5)) {
      const relation = random.pick(relationTypes);
      const target = random.pick(eventIds);
      own['m.relates_to'] =
        relation === 'm.in_reply_to'
          ? { 'm.in_reply_to': { event_id: target } }
          : { rel_type: relation, event_id: target, key: 'x', is_falling_back: true };
      if (relation === 'm.replace') own['m.new_content'] = { msgtype: 'm.text', body: 'new' };
    }
    return own;
  }

  #stateKey(type: string, sender: string, content: JsonObject): string {
    const { random, known, carol, alice, dora, roomId, quietRoomId } = this.#there;
    const { peer, server } = this.#world;
    const usual = (): string => {
      if (type === 'm.room.member')
        return content['membership'] === 'join' || content['membership'] === 'knock'
          ? sender
          : random.pick([carol.userId as string, alice.userId as string, dora, `@new${dora.slice(1)}`, sender]);
      if (type.startsWith('m.space')) return random.pick([quietRoomId, roomId, '!none:nowhere.test']);
      if (type === 'm.room.aliases') return random.pick([peer.serverName, server.serverName]);
      return random.chance(0.9) ? '' : sender;
    };
    return random.chance(0.07) ? oddName(usual() || 'x', { random, known }) : usual();
  }
}

/** As the other side reads it: 1e308 in JSON isn't the integer that it is in JavaScript. */
function asSent(value: JsonObject): unknown {
  const parsed = parseJson(JSON.stringify(value));
  return parsed.ok ? parsed.value : value;
}
