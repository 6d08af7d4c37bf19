import type { JsonObject } from '@myelin/protocol';
import type { Seeded } from '../fuzz/seeded.ts';
import type { EventSpec, ForkedRoom, PlacedEvent } from './forked-room.ts';

const localparts = ['creator', 'ann', 'ben', 'cleo', 'dan'];

/** A room with five people in it, before anything is quarrelled about. */
export function openRoom(room: ForkedRoom): void {
  const { creator } = room;
  const levels = room.version.privilegedCreators ? {} : { [creator]: 100 };
  const steps: EventSpec[] = [
    member(creator, 'join', creator),
    state('m.room.power_levels', creator, { users: { ...levels, [room.userId('ann')]: 50 } }),
    state('m.room.join_rules', creator, { join_rule: 'public' }),
    ...localparts.slice(1).map((name) => member(room.userId(name), 'join', room.userId(name))),
  ];
  for (const step of steps) room.add(step, room.ends);
}

/**
 * Lets people do at random what they may and what they mayn't, at the ends of the room's history and in its past. Of what the
 * rules refuse, some is left out, or most events would be refused.
 */
export function quarrel(room: ForkedRoom, random: Seeded, count: number): PlacedEvent[] {
  const made: PlacedEvent[] = [];
  // The past before everybody had come is left alone: the servers under test have only its state.
  const past: PlacedEvent[] = [...room.ends];
  while (made.length < count) {
    const prev = places(room, random, past);
    const authFrom = random.chance(0.1) ? random.pick(past) : undefined;
    const draft = room.draft(randomSpec(room, random), prev, authFrom);
    if (draft.rejected && !random.chance(0.25)) continue;
    made.push(room.keep(draft));
    if (!draft.rejected || random.chance(0.2)) past.push(draft);
  }
  return made;
}

function places(room: ForkedRoom, random: Seeded, past: readonly PlacedEvent[]): PlacedEvent[] {
  if (random.chance(0.3)) return [random.pick(past)];
  const first = random.pick(room.ends);
  const second = random.pick(room.ends);
  return first === second || random.chance(0.4) ? [first] : [first, second];
}

function randomSpec(room: ForkedRoom, random: Seeded): EventSpec {
  const people = localparts.map((name) => room.userId(name));
  // Those with power act more often: what others try is mostly refused.
  const who = random.chance(0.35) ? room.creator : random.pick(people);
  // The creator stays: the end of the story is theirs to tell.
  const whom = random.pick(people.filter((userId) => userId !== room.creator || who !== room.creator));
  switch (random.below(13)) {
    case 0:
    case 1:
      return member(who, 'join', who);
    case 2:
      return member(who, 'leave', whom);
    case 3:
      return member(who, 'ban', whom);
    case 4:
      return member(who, 'invite', whom);
    case 5:
      return state('m.room.join_rules', who, { join_rule: random.pick(joinRules(room)) });
    case 6:
    case 7:
    case 8:
      return state('m.room.power_levels', who, randomLevels(room, random, people));
    case 9:
      return state('m.room.topic', who, { topic: String(random.below(1000)) });
    case 10:
      return { ...state('org.example.own', who, { serial: random.below(1000) }), stateKey: random.pick([who, whom]) };
    case 11: {
      // But the create event: what is left of it then is told by no specification, and Synapse keeps it whole.
      const target = random.pick([...room.events.keys()].slice(1));
      const content = room.version.redactsInContent ? { redacts: target } : {};
      return {
        type: 'm.room.redaction',
        sender: who,
        content,
        ...(room.version.redactsInContent ? {} : { redacts: target }),
      };
    }
    default:
      return { type: 'm.room.message', sender: who, content: { msgtype: 'm.text', body: String(random.below(1000)) } };
  }
}

function joinRules(room: ForkedRoom): string[] {
  return ['public', 'public', 'invite', ...(room.version.knock ? ['knock'] : [])];
}

function randomLevels(room: ForkedRoom, random: Seeded, people: readonly string[]): JsonObject {
  const { version, creator } = room;
  const users: JsonObject = {};
  if (!version.privilegedCreators || random.chance(0.1)) users[creator] = 100;
  for (const userId of people) {
    if (userId === creator || random.chance(0.4)) continue;
    users[userId] = random.pick(
      [0, 10, 50, 50, 100, ...(random.chance(0.2) ? ['50', ' 10 ', 100.5] : [])].filter(fits),
    );
  }
  const levels: JsonObject = { users };
  for (const name of ['users_default', 'state_default', 'events_default', 'ban', 'kick', 'invite', 'redact']) {
    if (random.chance(0.15)) levels[name] = random.pick([0, 10, 50, 60]);
  }
  if (random.chance(0.3)) levels['events'] = { 'm.room.topic': random.pick([0, 50, 100]) };
  if (random.chance(0.2)) levels['notifications'] = { room: random.pick([0, 50, 100]) };
  return levels;

  // From version 6 on events with fractions can't be signed at all.
  function fits(level: unknown): boolean {
    return Number.isInteger(level) || typeof level === 'string' || !version.strictCanonicalJson;
  }
}

function member(sender: string, membership: string, target: string): EventSpec {
  return { type: 'm.room.member', sender, stateKey: target, content: { membership } };
}

function state(type: string, sender: string, content: JsonObject): EventSpec {
  return { type, sender, stateKey: '', content };
}
