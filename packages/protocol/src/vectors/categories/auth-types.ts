import { authStateOf } from '../../auth/auth-state.ts';
import { authTypesForEvent } from '../../auth/auth-types.ts';
import { checkEventAuth } from '../../auth/check-event-auth.ts';
import type { Pdu } from '../../events/event.ts';
import type { JsonObject } from '../../json/value.ts';
import { versionOf, type Category, type Vector } from '../category.ts';

type Pair = [type: string, stateKey: unknown];

function pairsOf(vector: Vector): Pair[] {
  const pairs = authTypesForEvent(vector.input['event'] as Pdu, versionOf(vector));
  return pairs.map(({ type, stateKey }): Pair => [type, stateKey]).sort((x, y) => (text(x) < text(y) ? -1 : 1));
}

function text(pair: Pair): string {
  return pair.map(String).join('\0');
}

/** What is in the first list and not in the second. */
function without(pairs: readonly Pair[], others: readonly Pair[]): string {
  const known = new Set(others.map((pair) => JSON.stringify(pair)));
  const missing = pairs.filter((pair) => !known.has(JSON.stringify(pair)));
  return [...new Set(missing.map(kindOf))].sort().join(', ');
}

function kindOf(pair: Pair): string {
  const [type, stateKey] = pair;
  if (typeof stateKey !== 'string') return 'state_key that is no string';
  return type === 'm.room.create' ? 'create' : JSON.stringify(pair);
}

/** The rule that refuses the event in a room where nothing else stands against it. */
function refusalOf(vector: Vector): JsonObject {
  const version = versionOf(vector);
  const event = vector.input['event'] as Pdu;
  const roomId = event.room_id ?? '!none';
  const create = { ...event, type: 'm.room.create', state_key: '', content: { creator: event.sender } };
  const state = authStateOf([{ eventId: `$${roomId.slice(1)}`, pdu: create }]);
  const decision = checkEventAuth({ ...event, room_id: roomId }, state, version);
  return decision.allowed ? {} : { refusal: decision.reason };
}

/** From which keys of the room state an event's auth events are chosen. */
export const authTypesVectors: Category = {
  name: 'auth-types',
  answer: (vector) => ({ auth_types: pairsOf(vector) as unknown as JsonObject[] }),
  facts(vector): JsonObject {
    const ours = pairsOf(vector);
    const theirs = (vector.expect['auth_types'] ?? []) as unknown as Pair[];
    return { missing: without(theirs, ours), extra: without(ours, theirs), ...refusalOf(vector) };
  },
};
