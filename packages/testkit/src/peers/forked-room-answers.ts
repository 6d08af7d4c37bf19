import { authEventIds, prevEventIds, type JsonValue, type Pdu } from '@myelin/protocol';
import type { PeerAnswer, PeerHandler, PeerRequest } from '../federation/test-peer.ts';
import type { ForkedRoom } from './forked-room.ts';

/** Answers what servers ask about the rooms of a peer; whoever wants to may join. */
export function answersOf(rooms: ReadonlyMap<string, ForkedRoom>): PeerHandler {
  return (request) => {
    const [path = '', query = ''] = request.url.split('?');
    const parts = path.split('/').slice(3).map(decodeURIComponent);
    if (parts[1] === 'send') return { body: { pdus: {} } };
    const room = rooms.get(parts[2] ?? '') ?? [...rooms.values()].find(({ events }) => events.has(parts[2] ?? ''));
    if (!room) return undefined;
    return answer(room, parts[1] as string, parts, new URLSearchParams(query), request);
  };
}

function answer(
  room: ForkedRoom,
  what: string,
  parts: readonly string[],
  query: URLSearchParams,
  request: PeerRequest,
): PeerAnswer | undefined {
  const { serverName: origin } = room.peer;
  const last = parts.at(-1) as string;
  switch (what) {
    case 'make_join': {
      const spec = { type: 'm.room.member', sender: last, stateKey: last, content: { membership: 'join' } };
      return ok({ event: room.template(spec), room_version: room.version.id });
    }
    case 'send_join': {
      const join = room.take(last, JSON.parse(request.body) as Pdu);
      const ids = [...join.before.values()];
      const state = room.eventsByIds(ids);
      const chain = room.eventsByIds(room.authChain([...ids, last]));
      return ok({ origin, event: join.pdu, state, auth_chain: chain, members_omitted: false });
    }
    case 'event':
      return ok({ origin, origin_server_ts: Date.now(), pdus: room.eventsByIds([last]) });
    case 'event_auth':
      return ok({ auth_chain: room.eventsByIds(room.authChain([last])) });
    case 'state':
    case 'state_ids': {
      const ids = [...room.events.get(query.get('event_id') ?? '')!.before.values()];
      const chain = [...room.authChain(ids)];
      if (what === 'state_ids') return ok({ pdu_ids: ids, auth_chain_ids: chain });
      return ok({ pdus: room.eventsByIds(ids), auth_chain: room.eventsByIds(chain) });
    }
    case 'backfill': {
      const ids = earlier(room, query.getAll('v'), []).slice(0, Number(query.get('limit')));
      return ok({ origin, origin_server_ts: Date.now(), pdus: room.eventsByIds(ids) });
    }
    case 'get_missing_events': {
      const { earliest_events: known, latest_events: latest, limit } = JSON.parse(request.body);
      const ids = earlier(room, latest, known).filter((id) => !latest.includes(id) && !known.includes(id));
      return ok({ events: room.eventsByIds(ids.slice(0, limit).reverse()) });
    }
    default:
      return undefined;
  }
}

function ok(body: unknown): PeerAnswer {
  return { body: body as JsonValue };
}

/** These events and what comes before them, nearest first, but not what lies before the known ones. */
function earlier(room: ForkedRoom, from: readonly string[], known: readonly string[]): string[] {
  const found = new Set<string>();
  let layer = from.filter((id) => room.events.has(id));
  while (layer.length > 0) {
    for (const id of layer) found.add(id);
    layer = layer
      .flatMap((id) => prevEventIds(room.events.get(id)!.pdu, room.version))
      .filter((id) => !found.has(id) && !known.includes(id));
  }
  return [...found];
}

/** Events in an order in which each comes after those that it rests on. */
export function inOrder(room: ForkedRoom): string[] {
  const placed = new Set<string>();
  for (const [eventId, { pdu }] of room.events) {
    const needs = [...prevEventIds(pdu, room.version), ...authEventIds(pdu, room.version)];
    if (needs.some((id) => !placed.has(id))) throw new Error(`${eventId} rests on what comes later`);
    placed.add(eventId);
  }
  return [...placed];
}
