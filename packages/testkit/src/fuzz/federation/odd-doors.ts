import { randomUUID } from 'node:crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '@myelin/protocol';
import { mutate, someChanges } from '../mutate.ts';
import type { ForeignRoom } from './foreign-room.ts';
import type { ForeignWorld, Situation } from './foreign-world.ts';
import type { OddEvents } from './odd-events.ts';
import type { RawCall } from './raw-caller.ts';

const base = '/_matrix/federation';

/** A membership event that is handed in by an endpoint of its own, nearly as it should be; undefined: it can't be made now. */
export async function oddDoor(
  world: ForeignWorld,
  there: Situation,
  events: OddEvents,
  room: ForeignRoom,
): Promise<RawCall | undefined> {
  return there.random.chance(0.5) ? invitation(there, events, room) : membership(world, there, events);
}

async function membership(world: ForeignWorld, there: Situation, events: OddEvents): Promise<RawCall | undefined> {
  const { random, known, roomId, bob } = there;
  const kind = random.pick(['join', 'join', 'leave', 'knock']);
  const user = kind === 'leave' && random.chance(0.3) ? bob : world.rooms.userId(randomUUID().slice(0, 8));
  const versions = kind === 'leave' ? '' : '?ver=1&ver=6&ver=10&ver=11&ver=12';
  const path = `/v1/make_${kind}/${encodeURIComponent(roomId)}/${encodeURIComponent(user)}${versions}`;
  const { status, body } = await world.rooms.request('GET', path, undefined, { expect: 'any' });
  if (status !== 200) return undefined;
  const spoilt = mutate(body.event as JsonValue, someChanges(random), { random, known });
  if (!isJsonObject(spoilt)) return undefined;
  const { eventId, event } = events.sign({ event_id: `$${randomUUID()}:${world.peer.serverName}`, ...spoilt });
  const version = kind === 'knock' ? 'v1' : random.pick(['v1', 'v2', 'v2']);
  const target = `${base}/${version}/send_${kind}/${encodeURIComponent(roomId)}/${segment(eventId)}`;
  const query = random.pick(['', '', '?omit_members=true', '?omit_members=x']);
  return { method: 'PUT', target: target + query, text: JSON.stringify(event) };
}

function invitation({ random, known, alice, eventIds }: Situation, events: OddEvents, room: ForeignRoom): RawCall {
  const { event, room_version: version } = room.template(alice.userId as string, 'invite') as {
    event: JsonObject;
    room_version: string;
  };
  const made = { ...event, sender: room.owner, origin_server_ts: Date.now(), event_id: `$${randomUUID()}:x` };
  const spoilt = random.chance(0.5) ? mutate(made, someChanges(random), { random, known }) : made;
  const { eventId, event: signed } = events.sign(isJsonObject(spoilt) ? spoilt : made);
  const stripped = room.state.map(({ event: { type, state_key: key, content, sender } }) => ({
    type,
    state_key: key,
    content,
    sender,
  }));
  const isOld = random.chance(0.2);
  const body = isOld
    ? { ...signed, unsigned: { invite_room_state: stripped } }
    : { event: signed, room_version: version, invite_room_state: stripped };
  const text = JSON.stringify(
    random.chance(0.6) ? mutate(body as JsonValue, someChanges(random), { random, known }) : body,
  );
  const id = segment(random.chance(0.9) ? eventId : eventIds[0]);
  return {
    method: 'PUT',
    target: `${base}/${isOld ? 'v1' : 'v2'}/invite/${encodeURIComponent(room.roomId)}/${id}`,
    text,
  };
}

/** An id in a path; in old versions it may be anything. */
function segment(id: unknown): string {
  return encodeURIComponent((typeof id === 'string' ? id : JSON.stringify(id ?? null)).toWellFormed());
}

/** What of an event with a signature of this server, by a user of another one, this server should not have signed. */
export function isSignedWrongly(event: JsonObject, serverName: string): boolean {
  const { type, sender, state_key: target, content } = event;
  const isOurs = (user: unknown): boolean => typeof user === 'string' && user.endsWith(`:${serverName}`);
  if (isOurs(sender)) return false;
  if (type !== 'm.room.member' || !isJsonObject(content)) return true;
  if (content['membership'] === 'invite') return !isOurs(target);
  const { membership: kind, join_authorised_via_users_server: authoriser } = content;
  return kind !== 'join' || !isOurs(authoriser);
}
