import type { TestClient } from '../../client/test-client.ts';
import type { ReceivedAnswer } from '../../client/http-client.ts';
import type { ForeignWorld, Situation } from './foreign-world.ts';
import { problemsBesides } from './judge-answer.ts';

/** What a read may take, on whatever machine the tests run, in ms. */
const longestRead = 20_000;

interface Read {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Reads the situation's room in every way that clients know; resolves to what went wrong. */
export async function readBack(client: TestClient, there: Situation, eventIds: readonly string[]): Promise<string[]> {
  const room = encodeURIComponent(there.roomId);
  const v3 = `/_matrix/client/v3`;
  const v1 = `/_matrix/client/v1`;
  const filter = (value: unknown): string => encodeURIComponent(JSON.stringify(value));
  const lazy = {
    room: { state: { lazy_load_members: true }, timeline: { limit: 5, lazy_load_members: true }, include_leave: true },
  };
  const related = { related_by_rel_types: ['m.thread', 'm.annotation'], related_by_senders: [there.bob] };
  const search = (term: string): unknown => ({
    search_categories: {
      room_events: {
        search_term: term,
        event_context: { before_limit: 3, after_limit: 3, include_profile: true },
        groupings: { group_by: [{ key: 'sender' }] },
        include_state: true,
      },
    },
  });
  const get = (path: string): Read => ({ method: 'GET', path });
  const reads: Read[] = [
    get(`${v3}/sync?timeout=0`),
    get(`${v3}/sync?timeout=0&filter=${filter(lazy)}`),
    get(`${v3}/sync?timeout=0&full_state=true&use_state_after=true&since=${client.nextBatch}`),
    get(`${v3}/sync?timeout=0&since=${client.nextBatch}`),
    get(`${v3}/rooms/${room}/messages?dir=b&limit=1000`),
    get(`${v3}/rooms/${room}/messages?dir=f&limit=1000`),
    get(
      `${v3}/rooms/${room}/messages?dir=b&limit=100&filter=${filter({ ...related, lazy_load_members: true, contains_url: true })}`,
    ),
    get(
      `${v3}/rooms/${room}/messages?dir=b&limit=100&filter=${filter({ unread_thread_notifications: true, types: ['m.*'], not_senders: ['@x:y'] })}`,
    ),
    get(`${v3}/rooms/${room}/state`),
    get(`${v3}/rooms/${room}/members`),
    get(`${v3}/rooms/${room}/joined_members`),
    get(`${v3}/rooms/${room}/initialSync`),
    get(`${v3}/rooms/${room}/aliases`),
    get(`${v3}/rooms/${room}/state/m.room.name?format=event`),
    get(`${v1}/rooms/${room}/threads?limit=100`),
    get(`${v1}/rooms/${room}/threads?include=participated`),
    get(`${v1}/rooms/${room}/hierarchy?limit=50`),
    get(`${v1}/rooms/${room}/timestamp_to_event?ts=1&dir=f`),
    get(`${v1}/rooms/${room}/timestamp_to_event?ts=${Date.now() + 1e10}&dir=b`),
    get(`${v1}/room_summary/${room}`),
    get(`${v3}/publicRooms?limit=100`),
    {
      method: 'POST',
      path: `${v3}/publicRooms`,
      body: { filter: { generic_search_term: 'te', room_types: ['m.space', null] } },
    },
    { method: 'POST', path: `${v3}/search`, body: search('hello') },
    { method: 'POST', path: `${v3}/search`, body: search('text') },
    { method: 'POST', path: `${v3}/user_directory/search`, body: { search_term: there.bob.slice(1, 12) } },
    { method: 'POST', path: `${v3}/keys/query`, body: { device_keys: { [there.bob]: [], [there.alice.userId!]: [] } } },
    get(`${v3}/keys/changes?from=${client.nextBatch}&to=${client.nextBatch}`),
    get(`${v3}/notifications`),
    get(`${v3}/pushrules/`),
    get(`${v3}/joined_rooms`),
    get(`${v3}/profile/${encodeURIComponent(there.alice.userId!)}`),
    get(`${v3}/presence/${encodeURIComponent(there.bob)}/status`),
    get(`${v3}/directory/room/${encodeURIComponent(there.alias)}`),
    ...eventIds.flatMap((eventId) => {
      const event = encodeURIComponent(eventId.toWellFormed());
      return [
        get(`${v3}/rooms/${room}/event/${event}`),
        get(`${v3}/rooms/${room}/context/${event}?limit=20`),
        get(`${v1}/rooms/${room}/relations/${event}?recurse=true&limit=100`),
        get(`${v1}/rooms/${room}/relations/${event}/m.annotation/m.reaction`),
        { method: 'POST', path: `${v3}/rooms/${room}/receipt/m.read/${event}`, body: {} },
      ];
    }),
  ];
  const problems: string[] = [];
  for (const read of reads) problems.push(...(await problemsOfRead(client, read)));
  return problems;
}

async function problemsOfRead(client: TestClient, { method, path, body }: Read): Promise<string[]> {
  const begin = performance.now();
  let answer: ReceivedAnswer;
  try {
    answer = await client.raw(method, path, body === undefined ? {} : { body });
  } catch (error) {
    return problemsBesides([(error as Error).message]);
  }
  const ms = performance.now() - begin;
  const what = `${method} ${path}: ${answer.status} ${answer.text.slice(0, 1_000)}`;
  if (answer.status >= 500 && answer.status !== 502 && answer.status !== 504) return [what];
  return ms > longestRead ? [`${what} in ${Math.round(ms)} ms`] : [];
}

/** The same for the other server. */
export function foreignReads(
  { roomId, random, eventIds }: Situation,
  world: ForeignWorld,
): { method: string; target: string; text?: string }[] {
  const room = encodeURIComponent(roomId);
  const base = '/_matrix/federation/v1';
  const event = encodeURIComponent(random.pick(eventIds).toWellFormed());
  const asked = { earliest_events: [], latest_events: [random.pick(eventIds)], limit: 20 };
  return [
    ...[
      `${base}/backfill/${room}?v=${event}&limit=100`,
      `${base}/event_auth/${room}/${event}`,
      `${base}/state/${room}?event_id=${event}`,
      `${base}/state_ids/${room}?event_id=${event}`,
      `${base}/event/${event}`,
      `${base}/hierarchy/${room}`,
      `${base}/publicRooms?limit=100`,
      `${base}/timestamp_to_event/${room}?ts=1&dir=f`,
      `${base}/rooms/${room}/complexity`,
      `${base}/make_join/${room}/${encodeURIComponent(world.rooms.userId('another'))}?ver=1&ver=6&ver=10&ver=11&ver=12`,
    ].map((target) => ({ method: 'GET', target })),
    { method: 'POST', target: `${base}/get_missing_events/${room}`, text: JSON.stringify(asked) },
  ];
}
