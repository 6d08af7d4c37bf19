import type { JsonObject } from '@myelin/protocol';
import type { Seeded } from '../fuzz/seeded.ts';
import type { EventSpec, ForkedRoom, PlacedEvent } from './forked-room.ts';
import { member, randomAct, state, type Quarrel } from './random-acts.ts';

/** Servers make an event of their own where a room has more than ten ends. */
const mostEnds = 8;

/** A room with six people in it, before anything is quarrelled about. */
export function openRoom(room: ForkedRoom): void {
  const { creator, people } = room;
  const [, moderator = '', helper = ''] = people;
  const levels: JsonObject = room.version.privilegedCreators ? {} : { [creator]: 100 };
  const steps: EventSpec[] = [
    member(creator, 'join', creator),
    state('m.room.power_levels', creator, { users: { ...levels, [moderator]: 50, [helper]: 50 } }),
    state('m.room.join_rules', creator, { join_rule: 'public' }),
    ...people.slice(1).map((userId) => member(userId, 'join', userId)),
  ];
  for (const step of steps) room.add(step, room.ends);
}

/**
 * Lets people do at random what they may and what they mayn't, at the ends of the room's history and in its past. Of what the
 * rules refuse, some is left out, or most events would be refused.
 */
export function quarrel(room: ForkedRoom, random: Seeded, about: Quarrel, count: number): PlacedEvent[] {
  const made: PlacedEvent[] = [];
  // The past before everybody had come is left alone: the servers under test have only its state.
  const past: PlacedEvent[] = [...room.ends];
  while (made.length < count) {
    const prev = places(room, random, past);
    const authFrom = random.chance(0.1) ? random.pick(past) : undefined;
    const before = room.resolved(prev.map(({ after }) => after));
    const draft = room.draft(randomAct(room, random, about, before), prev, authFrom);
    if (draft.rejected && !random.chance(0.25)) continue;
    made.push(room.keep(draft));
    if (!draft.rejected || random.chance(0.2)) past.push(draft);
  }
  return made;
}

function places(room: ForkedRoom, random: Seeded, past: readonly PlacedEvent[]): PlacedEvent[] {
  if (room.ends.length >= mostEnds) return room.ends.slice(0, mostEnds / 2);
  if (random.chance(0.3)) return [random.pick(past)];
  const first = random.pick(room.ends);
  const second = random.pick(room.ends);
  return first === second || random.chance(0.4) ? [first] : [first, second];
}
