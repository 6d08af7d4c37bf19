import { authStateOf, checkEventAuth, type JsonObject } from '@myelin/protocol';
import fc from 'fast-check';
import { FictitiousServers, OtherRoom, type EventToMake, type MadeEvent } from './other-room.ts';

export const creator = '@creator:a.test';
export const alice = '@alice:test';
const people = ['@p1:a.test', '@p2:b.test', '@p3:c.test', '@p4:c.test'];

/** Numbers that an event of a random history is made of. */
export interface Dice {
  readonly kind: number;
  readonly who: number;
  readonly whom: number;
  readonly level: number;
  /** How many of the newest events it follows, and which. */
  readonly width: number;
  readonly from: number;
  /** Whether it follows an event that others follow already. */
  readonly isFork: boolean;
}

const number = fc.nat(1_000);
const dice: fc.Arbitrary<Dice> = fc.record({
  kind: number,
  who: number,
  whom: number,
  level: number,
  width: number,
  from: number,
  isFork: fc.boolean(),
});

/** What so many events are made of. */
export function anyHistory(fewest: number, most: number): fc.Arbitrary<Dice[]> {
  return fc.array(dice, { minLength: fewest, maxLength: most, size: 'max' });
}

/** A room with some members, which `alice` of the server under test has joined. */
export function startRoom(version: string, roomId: string): { room: OtherRoom; join: MadeEvent } {
  const room = new OtherRoom(new FictitiousServers(), creator, version, roomId);
  room.newest = [room.create];
  room.member(creator, 'join');
  const users = { ...(version !== '12' && { [creator]: 100 }), [people[0]!]: 75, [people[1]!]: 50 };
  room.send({ type: 'm.room.power_levels', sender: creator, stateKey: '', content: { users } });
  room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
  for (const person of people.slice(0, 3)) room.member(person, 'join');
  return { room, join: room.member(alice, 'join') };
}

/** Adds a random event to a room; one that the rules refuse where it stands is marked so. */
export function addRandom(room: OtherRoom, since: MadeEvent, dice: Dice): MadeEvent {
  const after = placeOf(room, since, dice);
  const event = eventOf(room, after, dice);
  const made = room.make({ ...event, after });
  const state = authStateOf([...room.stateAfterAll(after).values()].map((id) => room.get(id)));
  const { allowed } = checkEventAuth(made.pdu, state, room.version);
  if (!allowed) {
    const refused = { ...made, state: room.stateAfterAll(after) };
    room.events.set(made.eventId, refused);
    return refused;
  }
  room.newest = [...room.newest.filter((each) => !after.includes(each)), made];
  return made;
}

function placeOf(room: OtherRoom, since: MadeEvent, { width, from, isFork }: Dice): MadeEvent[] {
  const all = [...room.events.values()];
  const candidates = isFork ? all.slice(all.indexOf(since)) : room.newest;
  const chosen = new Set<MadeEvent>();
  for (let i = 0; i < 1 + (width % 3); i++) chosen.add(candidates[(from + i * 7) % candidates.length] as MadeEvent);
  return [...chosen];
}

function eventOf(room: OtherRoom, after: readonly MadeEvent[], { kind, who, whom, level }: Dice): EventToMake {
  const everybody = [creator, ...people];
  const sender = everybody[who % everybody.length] as string;
  const target = everybody[whom % everybody.length] as string;
  const member = (stateKey: string, membership: string): EventToMake => ({
    type: 'm.room.member',
    sender,
    stateKey,
    content: { membership },
  });
  switch (kind % 9) {
    case 0:
      return member(sender, 'join');
    case 1:
      return member(sender, 'leave');
    case 2:
      return member(target, 'ban');
    case 3:
      return member(target, 'leave');
    case 4:
      return member(target, 'invite');
    case 5: {
      const id = room.stateAfterAll(after).get(powerLevelsKey);
      const content = (id === undefined ? {} : room.get(id).pdu.content) as { users?: JsonObject };
      const users = { ...content.users, [target]: (level % 5) * 25 };
      if (room.version.id === '12') delete users[creator];
      return { type: 'm.room.power_levels', sender, stateKey: '', content: { ...content, users } };
    }
    case 6: {
      const content = { join_rule: level % 2 === 0 ? 'invite' : 'public' };
      return { type: 'm.room.join_rules', sender, stateKey: '', content };
    }
    case 7:
      return { type: 'm.room.topic', sender, stateKey: '', content: { topic: `${level}` } };
    default:
      return { type: 'm.room.message', sender, content: { body: `${level}` } };
  }
}

const powerLevelsKey = '19:m.room.power_levels';
