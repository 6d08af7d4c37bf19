import type { TestClient } from '../../client/test-client.ts';
import type { ForeignRoom } from './foreign-room.ts';
import type { ForeignWorld, Situation } from './foreign-world.ts';
import { foreignDevice } from './peer-answers.ts';

export interface ClientCall {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

/** A call of a client for which the other server is asked. */
export function askingCall(
  { random, bob }: Situation,
  { peer }: ForeignWorld,
  rooms: readonly ForeignRoom[],
): ClientCall {
  const v3 = '/_matrix/client/v3';
  const v1 = '/_matrix/client/v1';
  const { roomId, events } = random.pick(rooms);
  const room = encodeURIComponent(roomId);
  const via = `via=${encodeURIComponent(peer.serverName)}&server_name=${encodeURIComponent(peer.serverName)}`;
  const server = encodeURIComponent(peer.serverName);
  const alias = encodeURIComponent(`#a${random.below(1e6)}:${peer.serverName}`);
  const user = encodeURIComponent(random.pick([bob, `@u${random.below(1e6)}:${peer.serverName}`]));
  const event = encodeURIComponent(random.pick(events).eventId);
  const media = `${server}/m${random.below(1e6)}`;
  const get = (path: string): ClientCall => ({ method: 'GET', path });
  const post = (path: string, body: object = {}): ClientCall => ({ method: 'POST', path, body });
  return random.pick<ClientCall>([
    post(`${v3}/join/${room}?${via}`),
    post(`${v3}/join/${room}?${via}`),
    post(`${v3}/join/${room}?${via}`),
    post(`${v3}/knock/${room}?${via}`),
    post(`${v3}/rooms/${room}/leave`),
    post(`${v3}/join/${alias}`),
    get(`${v3}/directory/room/${alias}`),
    get(`${v3}/profile/${user}`),
    get(`${v3}/profile/${user}/displayname`),
    get(`${v3}/publicRooms?server=${server}&limit=${random.below(100)}`),
    post(`${v3}/publicRooms?server=${server}`, { filter: { generic_search_term: `x${random.below(1e6)}` } }),
    get(`${v1}/rooms/${room}/hierarchy?limit=20`),
    get(`${v1}/room_summary/${room}?${via}`),
    get(`${v1}/rooms/${room}/timestamp_to_event?ts=${random.below(1e6)}&dir=f`),
    get(`${v3}/rooms/${room}/messages?dir=b&limit=50`),
    get(`${v3}/rooms/${room}/context/${event}`),
    post(`${v3}/keys/query`, { timeout: 3_000, device_keys: { [decodeURIComponent(user)]: [] } }),
    post(`${v3}/keys/claim`, {
      timeout: 3_000,
      one_time_keys: { [decodeURIComponent(user)]: { [foreignDevice]: 'signed_curve25519' } },
    }),
    get(`${v1}/media/download/${media}?timeout_ms=3000`),
    get(`${v1}/media/thumbnail/${media}?width=10&height=10&timeout_ms=3000`),
    post(`${v3}/rooms/${room}/invite`, { user_id: decodeURIComponent(user) }),
    {
      method: 'PUT',
      path: `${v3}/rooms/${room}/send/m.room.message/t${random.below(1e9)}`,
      body: { msgtype: 'm.text', body: 'x' },
    },
    {
      method: 'PUT',
      path: `${v3}/sendToDevice/m.dummy/t${random.below(1e9)}`,
      body: { messages: { [bob]: { '*': {} } } },
    },
  ]);
}

/** Who asks about a room whose members aren't known waits for them, as long as they want, in ms. */
const patience = 4_000;

/**
 * What is wrong with the answer to it; that the other server answered nonsense is no fault of this one. `mayWait`: it is
 * about a room whose members may never come.
 */
export async function problemsOfCall(
  client: TestClient,
  { method, path, body }: ClientCall,
  longestMs: number,
  mayWait = false,
): Promise<string[]> {
  const begin = performance.now();
  const signal = mayWait ? AbortSignal.timeout(patience) : undefined;
  try {
    const request = { ...(body === undefined ? {} : { body }), ...(signal === undefined ? {} : { signal }) };
    const { status, text } = await client.raw(method, path, request);
    const ms = Math.round(performance.now() - begin);
    const what = `${method} ${path}: ${status} ${text.slice(0, 500)}`;
    if (status >= 500 && ![502, 504].includes(status)) return [what];
    return ms > longestMs ? [`${what} after ${ms} ms`] : [];
  } catch (error) {
    return signal?.aborted ? [] : [(error as Error).message.slice(0, 3_000)];
  }
}
