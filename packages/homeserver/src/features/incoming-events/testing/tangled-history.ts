import { authStateOf, checkEventAuth, referencedId, type EventWithId, type JsonObject } from '@myelin/protocol';
import type { SeededDice } from '@myelin/runtime/testing';
import { FictitiousServers, OtherRoom, type EventToMake, type MadeEvent } from './other-room.ts';

const creator = '@creator:a.test';
const alice = '@alice:test';
const people = Array.from({ length: 14 }, (_none, i) => `@p${i}:${'abcd'[i % 4]}.test`);
const everybody = [creator, ...people];
/** Where there are so many ends, no further branch begins. */
const mostBranches = 4;

/**
 * A long history of many people with much power, of whom several change the power levels on several branches at once, while others
 * come, go, are banned, and name auth events that aren't the newest. Some events are refused by the rules.
 */
export class TangledHistory {
  readonly room: OtherRoom;
  /** The event by which the server under test comes in, and the one before it. */
  readonly join: MadeEvent;
  readonly beforeJoin: MadeEvent;
  /** How likely an event follows the one before the join: who made it didn't know of that. */
  besideJoin = 0;
  /** All that came after, those before first; refused ones among them. */
  readonly events: MadeEvent[] = [];
  readonly refused = new Set<MadeEvent>();
  readonly #dice: SeededDice;
  readonly #levels: MadeEvent[] = [];

  constructor(dice: SeededDice, version: string, roomId: string) {
    this.#dice = dice;
    this.room = new OtherRoom(new FictitiousServers(), creator, version, roomId);
    const { room } = this;
    room.newest = [room.create];
    room.member(creator, 'join');
    const levels = Object.fromEntries(people.slice(0, 10).map((person, i) => [person, 100 - (i >> 1) * 10]));
    const users = { ...(version !== '12' && { [creator]: 100 }), ...levels };
    this.#send('m.room.power_levels', '', { users, state_default: 20 });
    this.#send('m.room.join_rules', '', { join_rule: 'public' });
    for (const person of people.slice(0, 12)) room.member(person, 'join');
    [this.beforeJoin] = room.newest as [MadeEvent];
    this.join = room.member(alice, 'join');
  }

  /** Adds an event somewhere. */
  add(): MadeEvent {
    const { room } = this;
    const after = this.#place();
    const chosen = this.#event(after);
    let made = room.make({ ...chosen, after });
    const older = this.#dice.chance(0.15) ? this.#withOlderLevels(made) : undefined;
    if (older) {
      room.events.delete(made.eventId);
      made = room.make({ ...chosen, after, authEvents: older });
    }
    const before = [...room.stateAfterAll(after).values()].map((id) => room.get(id));
    if (this.#allows(made, before) && this.#allows(made, older ?? before)) {
      room.newest = [...room.newest.filter((each) => !after.includes(each)), made];
      if (made.pdu.type === 'm.room.power_levels') this.#levels.push(made);
    } else {
      made = { ...made, state: room.stateAfterAll(after) };
      room.events.set(made.eventId, made);
      this.refused.add(made);
    }
    this.events.push(made);
    return made;
  }

  #send(type: string, stateKey: string, content: JsonObject): void {
    const made = this.room.send({ type, sender: creator, stateKey, content });
    if (type === 'm.room.power_levels') this.#levels.push(made);
  }

  #allows({ pdu }: MadeEvent, state: readonly EventWithId[]): boolean {
    // In version 12 the room id stands for the create event, which isn't named.
    return checkEventAuth(pdu, authStateOf([this.room.create, ...state]), this.room.version).allowed;
  }

  /** Mostly one end, sometimes some of them, sometimes a place in between, where a branch begins. */
  #place(): MadeEvent[] {
    const dice = this.#dice;
    const { newest } = this.room;
    if (this.besideJoin > 0 && dice.chance(this.besideJoin)) return [this.beforeJoin];
    const good = this.events.filter((event) => !this.refused.has(event));
    if (good.length > 0 && newest.length < mostBranches && dice.chance(0.15)) return [dice.pick(good.slice(-60))];
    return dice.shuffled(newest).slice(0, dice.chance(0.15) ? 3 : 1);
  }

  /** What selection would name, but for the power levels: those are of before, or of another branch. */
  #withOlderLevels({ pdu }: MadeEvent): MadeEvent[] | undefined {
    const levels = this.#dice.pick(this.#levels.slice(-12));
    const named = pdu.auth_events.map((each) => this.room.get(referencedId(each)));
    if (!named.some((event) => event.pdu.type === 'm.room.power_levels')) return undefined;
    return named.map((event) => (event.pdu.type === 'm.room.power_levels' ? levels : event));
  }

  #event(after: readonly MadeEvent[]): EventToMake {
    const dice = this.#dice;
    const sender = dice.pick(everybody);
    const target = dice.pick(everybody);
    const member = (stateKey: string, membership: string): EventToMake => ({
      type: 'm.room.member',
      sender,
      stateKey,
      content: { membership, reason: `${dice.below(1_000)}` },
    });
    const state = (type: string, stateKey: string, content: JsonObject): EventToMake => ({
      type,
      sender,
      stateKey,
      content,
    });
    const kind = dice.below(20);
    if (kind < 6) {
      const id = this.room.stateAfterAll(after).get('19:m.room.power_levels');
      const content = (id === undefined ? {} : this.room.get(id).pdu.content) as { users?: JsonObject };
      const users: JsonObject = { ...content.users, [target]: dice.below(11) * 10 };
      if (this.room.version.id === '12') delete users[creator];
      return state('m.room.power_levels', '', { ...content, users });
    }
    if (kind < 8) return member(sender, 'join');
    if (kind < 9) return member(target, 'ban');
    if (kind < 11) return member(target, dice.pick(['leave', 'invite']));
    if (kind < 12) return state('m.room.join_rules', '', { join_rule: dice.pick(['invite', 'public', 'public']) });
    if (kind < 15) return state('m.room.topic', '', { topic: `${dice.below(1_000)}` });
    if (kind < 19) return state('org.example.item', `${dice.below(8)}`, { name: `${dice.below(1_000)}` });
    return { type: 'm.room.message', sender, content: { body: `${dice.below(1_000)}` } };
  }
}
