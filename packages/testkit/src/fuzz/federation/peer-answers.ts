import { signJson, type JsonObject, type JsonValue } from '@myelin/protocol';
import { crossSigningKeysOf, deviceKeysOf, oneTimeKeysOf } from '../../builders/device-keys.ts';
import type { PeerAnswer, PeerRequest, TestPeer } from '../../federation/test-peer.ts';
import type { ForeignRoom } from './foreign-room.ts';

/** The device of each user of the other server. */
export const foreignDevice = 'FOREIGN';

/** What the other server answers rightly, about its users, files and rooms; undefined: it is about something else. */
export function rightAnswer(
  peer: TestPeer,
  rooms: readonly ForeignRoom[],
  request: PeerRequest,
): PeerAnswer | undefined {
  const [path, search] = request.url.split('?', 2) as [string, string | undefined];
  const parts = path.split('/').map((part) => decodeURIComponent(part));
  const query = new URLSearchParams(search);
  const room = rooms.find(({ roomId }) => parts.includes(roomId)) ?? (rooms[0] as ForeignRoom);
  const sent = (): JsonObject => JSON.parse(request.body) as JsonObject;
  const userId = query.get('user_id') ?? (parts.find((part) => part.startsWith('@')) as string);
  const [name] = parts.slice(4);
  switch (parts[2] === 'key' ? 'key' : name) {
    case 'key':
      return { body: { server_keys: [peer.keys()] } };
    case 'user':
      if (parts[5] === 'devices') return { body: devices(userId) };
      return parts[6] === 'query' ? { body: keysOf(sent()) } : { body: claimed(sent()) };
    case 'query':
      return parts[5] === 'profile'
        ? { body: { displayname: 'Somebody', avatar_url: `mxc://${peer.serverName}/media`, 'm.tz': 'Europe/Berlin' } }
        : { body: { room_id: room.roomId, servers: [peer.serverName] } };
    case 'publicRooms':
      return { body: { chunk: [card(room)], total_room_count_estimate: 1, next_batch: 'next' } };
    case 'hierarchy':
      return {
        body: {
          room: { ...card(room), children_state: [child(peer, room)] },
          children: [card(room)],
          inaccessible_children: [],
        },
      };
    case 'timestamp_to_event':
      return { body: { event_id: room.events[1]?.eventId ?? '', origin_server_ts: 1 } };
    case 'media':
      return file();
    case 'version':
      return { body: { server: { name: 'Other', version: '1' } } };
    case 'rooms':
      return { body: { v1: 0.5 } };
    case 'make_join':
    case 'make_leave':
    case 'make_knock':
      return { body: room.template(userId, (name as string).slice(5)) };
    case 'send_join':
      return { body: room.joinAnswer(sent()) };
    case 'send_leave':
      return { body: {} };
    case 'send_knock':
      return { body: { knock_room_state: room.state.map(({ event }) => stripped(event)) } };
    case 'invite':
      return { body: { event: signJson(sent()['event'] as JsonObject, peer.serverName, peer.key) } };
    case 'send':
      return { body: { pdus: {} } };
    default:
      return undefined;
  }
}

function devices(userId: string): JsonObject {
  const owner = { userId, deviceId: foreignDevice };
  const { master_key: master, self_signing_key: selfSigning } = crossSigningKeysOf(owner).body;
  const device = { device_id: foreignDevice, keys: deviceKeysOf(owner), device_display_name: 'Theirs' };
  return { user_id: userId, stream_id: 5, devices: [device], master_key: master, self_signing_key: selfSigning };
}

function keysOf(asked: JsonObject): JsonObject {
  const answer = { device_keys: {}, master_keys: {}, self_signing_keys: {} } as Record<string, JsonObject>;
  for (const userId of Object.keys((asked['device_keys'] ?? {}) as JsonObject)) {
    const owner = { userId, deviceId: foreignDevice };
    const { master_key: master, self_signing_key: selfSigning } = crossSigningKeysOf(owner).body;
    (answer['device_keys'] as JsonObject)[userId] = { [foreignDevice]: deviceKeysOf(owner) };
    (answer['master_keys'] as JsonObject)[userId] = master;
    (answer['self_signing_keys'] as JsonObject)[userId] = selfSigning;
  }
  return answer;
}

function claimed(asked: JsonObject): JsonObject {
  const keys: JsonObject = {};
  for (const [userId, of] of Object.entries((asked['one_time_keys'] ?? {}) as Record<string, JsonObject>))
    keys[userId] = Object.fromEntries(
      Object.keys(of).map((deviceId) => [deviceId, oneTimeKeysOf({ userId, deviceId }, ['AAAA'])]),
    );
  return { one_time_keys: keys };
}

function card({ roomId, owner }: ForeignRoom): JsonObject {
  const serverName = owner.slice(owner.indexOf(':') + 1);
  return {
    room_id: roomId,
    name: 'Theirs',
    topic: 'a topic',
    avatar_url: `mxc://${serverName}/media`,
    canonical_alias: `#theirs:${serverName}`,
    join_rule: 'public',
    num_joined_members: 1,
    world_readable: true,
    guest_can_join: false,
    room_type: 'm.space',
    allowed_room_ids: [roomId],
  };
}

function child(peer: TestPeer, { roomId, owner }: ForeignRoom): JsonObject {
  const content = { via: [peer.serverName], order: 'a', suggested: true };
  return { type: 'm.space.child', state_key: roomId, content, sender: owner, origin_server_ts: 1 };
}

function stripped({ type, state_key: key, content, sender }: JsonObject): JsonObject {
  return { type, state_key: key, content, sender } as JsonObject;
}

function file(): PeerAnswer {
  const body =
    '--xyz\r\nContent-Type: application/json\r\n\r\n{}\r\n--xyz\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\nhello\r\n--xyz--\r\n';
  return { headers: { 'content-type': 'multipart/mixed; boundary=xyz' }, body };
}

/** What JSON of an answer is, to be changed; undefined where it is none. */
export function jsonOf({ body }: PeerAnswer): JsonValue | undefined {
  return typeof body === 'object' && body !== null && !(body instanceof Uint8Array) ? (body as JsonValue) : undefined;
}
