import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@myelin/protocol';
import { ForeignRoom } from '../foreign-room.ts';
import { base, calls, nobody, noRoom, pdus, stranger, type HostileKind } from './hostile-kind.ts';
import { noEvent } from './told-events.ts';

/** A membership event of a room that there isn't. */
const member = (room_id: string, sender: string, target: string, membership: string): JsonObject => ({
  type: 'm.room.member',
  room_id,
  sender,
  state_key: target,
  content: { membership },
  prev_events: [],
  auth_events: [],
  depth: 1,
  origin_server_ts: 1,
});

const handedIn = (operation: string, roomId: string, eventId: string, body: JsonObject) => ({
  method: 'PUT',
  path: `/_matrix/federation/v2/${operation}/${encodeURIComponent(roomId)}/${encodeURIComponent(eventId)}`,
  body,
});

/** Events that don't come into their room. */
export const hostileEvents: Readonly<Record<string, HostileKind>> = {
  'events of rooms that there are not': pdus(({ told }) => told.message({ room_id: noRoom() }).event),
  'events after events that there are not': pdus(({ told }) => told.message({ prev_events: [noEvent()] }).event),
  'events by events that there are not': pdus(({ told }) => told.message({ auth_events: [noEvent()] }).event),
  'events that are refused': pdus(
    (stage, serial) =>
      stage.told.message({ type: `org.example.${randomUUID()}`, state_key: '', sender: stranger(stage, serial) }).event,
  ),
  'events with bad signatures': pdus(({ told }) => ({ ...told.message().event, depth: 3 })),
  'events signed by servers that there are not': pdus(({ told }, serial) => {
    const server = `s${serial}.nowhere.test`;
    const { event } = told.message({ sender: `@u:${server}` });
    return { ...event, signatures: { [server]: { 'ed25519:x': 'A'.repeat(86) } } };
  }),
  'transactions of nothing': calls(({ world }) => ({
    method: 'PUT',
    path: `${base}/send/${randomUUID()}`,
    body: { origin: world.peer.serverName, origin_server_ts: 1, pdus: [] },
  })),
  'joins of rooms that there are not': calls((stage, serial) => {
    const [roomId, user] = [noRoom(), stranger(stage, serial)];
    const { eventId, event } = stage.world.rooms.sign(member(roomId, user, user, 'join'), '11');
    return handedIn('send_join', roomId, eventId, event);
  }),
  'joins that are refused': calls((stage, serial) => {
    const user = stranger(stage, serial);
    const join = { type: 'm.room.member', sender: user, state_key: user, content: { membership: 'join' } };
    const { eventId, event } = stage.told.message({ ...join, auth_events: [noEvent()] });
    return handedIn('send_join', stage.told.roomId, eventId, event);
  }),
  'invites of users that there are not': calls((stage, serial) => {
    const { world, situation } = stage;
    const { roomId } = new ForeignRoom(world.peer, '11', situation.bob);
    const { eventId, event } = world.rooms.sign(member(roomId, situation.bob, nobody(stage, serial), 'invite'), '11');
    return handedIn('invite', roomId, eventId, { event, room_version: '11', invite_room_state: [] });
  }),
  'templates for users of many names': calls((stage, serial) => ({
    path: `${base}/make_join/${encodeURIComponent(stage.situation.roomId)}/${encodeURIComponent(stranger(stage, serial))}?ver=1&ver=6&ver=10&ver=11&ver=12`,
  })),
  'templates for rooms that there are not': calls((stage, serial) => ({
    path: `${base}/make_join/${encodeURIComponent(noRoom())}/${encodeURIComponent(stranger(stage, serial))}?ver=11`,
  })),
};
