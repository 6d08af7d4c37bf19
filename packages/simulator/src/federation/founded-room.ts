import type { FederationRequest } from '@myelin/homeserver';
import {
  authStateOf,
  parseJson,
  roomVersion,
  selectAuthEvents,
  type JsonObject,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import type { EventToMake, HostileRoom, HostileServer } from './hostile-server.ts';
import type { Reachable } from './simulated-network.ts';

/** A room of servers that are there only to be spoken with: each signs its own events, and nobody else is told of them. */
export class FoundedRoom {
  readonly roomId: string;
  readonly #room: HostileRoom;

  constructor(versionId: string, members: readonly HostileServer[]) {
    const [founder] = members as [HostileServer, ...HostileServer[]];
    this.roomId = `!founded:${founder.name}`;
    const version = roomVersion(versionId) as RoomVersion;
    this.#room = { roomId: this.roomId, version, state: new Map(), events: new Map() };
    for (const member of members) member.room = this.#room;
    const state = (type: string, content: JsonObject): EventToMake => ({ type, stateKey: '', content });
    const create = state('m.room.create', { room_version: versionId });
    this.say(founder, { ...create, prevEvents: [], authEvents: [] });
    this.say(founder, joinOf(founder));
    this.say(founder, state('m.room.power_levels', { users: { [founder.userId]: 100 } }));
    this.say(founder, state('m.room.join_rules', { join_rule: 'public' }));
    for (const member of members.slice(1)) this.say(member, joinOf(member));
  }

  /** Makes an event that follows all others. */
  say(server: HostileServer, event: EventToMake): Pdu {
    const { pdu } = server.make(event);
    server.learn(pdu, true);
    return pdu;
  }

  /** What a member answers: its keys, and what it takes to come in. */
  answersOf(server: HostileServer): Reachable {
    return { exchange: async (request) => this.#answer(server, request) };
  }

  #answer(server: HostileServer, { path, body }: FederationRequest): { status: number; text: string } {
    const [kind, , name = '', ...rest] = (path.split('?')[0] ?? '').split('/').slice(2).map(decodeURIComponent);
    const parsed = body === undefined ? undefined : parseJson(body);
    const content = (parsed?.ok ? parsed.value : {}) as JsonObject;
    if (kind === 'key') return answer(200, server.keys());
    switch (name) {
      case 'send':
        for (const pdu of (content['pdus'] ?? []) as Pdu[]) server.learn(pdu, true);
        return answer(200, { pdus: {} });
      case 'make_join':
        return answer(200, this.#template(server, String(rest[1])));
      case 'send_join': {
        const all = [...this.#room.state.values()].map(({ pdu }) => pdu);
        server.learn(content as unknown as Pdu, true);
        return answer(200, {
          origin: server.name,
          event: content,
          members_omitted: false,
          state: all,
          auth_chain: all,
        });
      }
      default:
        return answer(404, { errcode: 'M_NOT_FOUND', error: 'Not known here' });
    }
  }

  #template(server: HostileServer, userId: string): JsonObject {
    const { version, state, events } = this.#room;
    const subject = { type: 'm.room.member', sender: userId, state_key: userId, content: { membership: 'join' } };
    const auth = selectAuthEvents(subject, authStateOf(state.values()), version).map(({ eventId }) => eventId);
    const [last, newest] = [...events].at(-1) as [string, Pdu];
    return {
      room_version: version.id,
      event: {
        ...subject,
        room_id: this.roomId,
        depth: newest.depth + 1,
        origin_server_ts: server.clock.now(),
        prev_events: server.references([last]),
        auth_events: server.references(auth),
      },
    };
  }
}

function joinOf({ userId }: HostileServer): EventToMake {
  return { type: 'm.room.member', stateKey: userId, content: { membership: 'join' } };
}

function answer(status: number, body: JsonObject): { status: number; text: string } {
  return { status, text: JSON.stringify(body) };
}
