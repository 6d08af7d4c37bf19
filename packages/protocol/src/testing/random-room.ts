import type { EventWithId } from '../auth/auth-state.ts';
import { authStateOf } from '../auth/auth-state.ts';
import { checkEventAuth } from '../auth/check-event-auth.ts';
import { prevEventIds } from '../events/event.ts';
import { resolveStateSets } from '../state-resolution/state-sets.ts';
import { RoomBuilder, stateAfter, type BuiltState, type EventSpec } from './room-builder.ts';

const creator = '@alice:one.test';
const users = [creator, '@bob:two.test', '@carol:three.test', '@dave:one.test'];

/** A room whose history is a DAG with forks, and the events where it ends. */
export interface RandomRoom {
  readonly room: RoomBuilder;
  readonly ends: readonly EventWithId[];
}

/** One step of a random history: numbers that choose what happens, by whom, to whom, and after which events. */
export type Step = readonly [what: number, who: number, whom: number, how: number, after: number, merge: number];

/** Builds a room out of chosen numbers; events that aren't allowed by the state before them are left out. */
export function randomRoom(version: string, steps: readonly Step[]): RandomRoom {
  const room = new RoomBuilder(version, creator);
  const states = new Map<string, BuiltState>([[room.create.eventId, stateAfter(new Map(), room.create)]]);
  let ends: EventWithId[] = [room.create];
  const append = (spec: EventSpec, prev: readonly EventWithId[], replaced: readonly EventWithId[]): void => {
    const before = resolved(
      room,
      prev.map(({ eventId }) => states.get(eventId)!),
    );
    const event = room.draft(spec, prev, before);
    if (!checkEventAuth(event.pdu, authStateOf(room.eventsOf(before)), room.version).allowed) return;
    room.events.set(event.eventId, event);
    states.set(event.eventId, stateAfter(before, event));
    ends = [...ends.filter((end) => !replaced.includes(end)), event];
  };
  append(memberSpec(creator, 'join', creator), ends, ends);
  const levels = version === '12' ? {} : { [creator]: 100 };
  append({ type: 'm.room.power_levels', sender: creator, stateKey: '', content: { users: levels } }, ends, ends);
  append({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } }, ends, ends);
  for (const [what, who, whom, how, after, merge] of steps) {
    const first = ends[after % ends.length]!;
    const second = ends[merge % ends.length]!;
    const prev = first === second || merge % 3 !== 0 ? [first] : [first, second];
    // Every fourth step leaves the end that it builds on in place, which makes a fork.
    const fork = how % 4 === 0 && ends.length < 4;
    append(specOf(version, what, users[who % users.length]!, users[whom % users.length]!, how), prev, fork ? [] : prev);
  }
  return { room, ends };
}

/** The state after each event, worked out in the order in which the events come; each after those before it. */
export function statesInOrder(room: RoomBuilder, order: readonly EventWithId[]): Map<string, BuiltState> {
  const states = new Map<string, BuiltState>();
  for (const event of order) {
    const before = prevEventIds(event.pdu, room.version).map((id) => states.get(id)!);
    states.set(event.eventId, stateAfter(resolved(room, before), event));
  }
  return states;
}

/** Resolves states of a built room. */
export function resolved(room: RoomBuilder, states: readonly BuiltState[]): BuiltState {
  if (states.length === 0) return new Map();
  return resolveStateSets({
    version: room.version,
    roomId: room.roomId,
    stateSets: states.map((state) => state.values()),
    event: (id) => room.events.get(id),
  });
}

function memberSpec(sender: string, membership: string, target: string): EventSpec {
  return { type: 'm.room.member', sender, stateKey: target, content: { membership } };
}

function specOf(version: string, what: number, who: string, whom: string, how: number): EventSpec {
  const timestamp = 1000 + (how % 7);
  switch (what % 8) {
    case 0:
    case 1:
      return { ...memberSpec(who, 'join', who), timestamp };
    case 2:
      return { ...memberSpec(who, how % 2 === 0 ? 'leave' : 'ban', whom), timestamp };
    case 3: {
      const content = { join_rule: how % 2 === 0 ? 'public' : 'invite' };
      return { type: 'm.room.join_rules', sender: who, stateKey: '', content, timestamp };
    }
    case 4: {
      const levels = {
        ...(version !== '12' && { [creator]: 100 }),
        ...(whom !== creator && { [whom]: (how % 3) * 50 }),
      };
      const content = { users: levels, users_default: how % 5 === 0 ? 50 : 0 };
      return { type: 'm.room.power_levels', sender: who, stateKey: '', content, timestamp };
    }
    case 5:
      return { ...memberSpec(who, 'invite', whom), timestamp };
    default:
      return { type: 'm.room.topic', sender: who, stateKey: '', content: { topic: String(how) }, timestamp };
  }
}
