import { describe, expect, it } from 'vitest';
import { parseJson } from '../json/parse.ts';
import type { JsonObject } from '../json/value.ts';
import { roomVersion } from '../room-versions.ts';
import { roomCreators, type RoomCreators } from './creators.ts';
import { PowerLevels } from './power-levels.ts';

const alice = '@alice:one.test';
const bob = '@bob:two.test';
const creator: RoomCreators = { userIds: [alice], privileged: false };

function levels(content: JsonObject | undefined, creators = creator): PowerLevels {
  return new PowerLevels(content, creators);
}

describe('power levels', () => {
  it('gives the creator 100 while there is no event', () => {
    const none = levels(undefined);
    expect([none.userLevel(alice), none.userLevel(bob)]).toEqual([100, 0]);
    expect([none.requiredLevel('m.room.topic', true), none.requiredLevel('m.room.message', false)]).toEqual([50, 0]);
    expect(levels({}).userLevel(alice)).toBe(0);
  });

  it('has the defaults of the specification', () => {
    const empty = levels({});
    expect([empty.requiredLevel('x', true), empty.requiredLevel('x', false)]).toEqual([50, 0]);
    expect((['invite', 'kick', 'ban', 'redact'] as const).map((name) => empty.actionLevel(name))).toEqual([
      0, 50, 50, 50,
    ]);
    expect(empty.notificationLevel('room')).toBe(50);
  });

  it('reads what the event says', () => {
    const some = levels({
      users: { [bob]: '40' },
      users_default: 5,
      events: { 'm.room.topic': 40 },
      state_default: 60,
      events_default: 6,
      invite: 41,
      notifications: { room: 40 },
    });
    expect([some.userLevel(bob), some.userLevel(alice)]).toEqual([40, 5]);
    expect(some.canSend(bob, 'm.room.topic', true)).toBe(true);
    expect(some.canSend(bob, 'm.room.name', true)).toBe(false);
    expect(some.canSend(alice, 'm.room.message', false)).toBe(false);
    expect(some.canInvite(bob)).toBe(false);
    expect(some.canNotify(bob, 'room')).toBe(true);
    expect(some.canNotify(alice, 'room')).toBe(false);
  });

  it('lets users act on those below them only', () => {
    const some = levels({ users: { [alice]: 50, [bob]: 50, '@carol:one.test': 49 }, kick: 50, ban: 50 });
    expect(some.canKick(alice, bob)).toBe(false);
    expect(some.canBan(alice, bob)).toBe(false);
    expect(some.canKick(alice, '@carol:one.test')).toBe(true);
    expect(some.canUnban(alice, '@carol:one.test')).toBe(true);
    expect(some.canBan('@carol:one.test', '@dave:one.test')).toBe(false);
  });

  it('lets an unban need the ban level and the kick level', () => {
    const some = levels({ users: { [alice]: 50 }, kick: 60, ban: 50 });
    expect(some.canUnban(alice, bob)).toBe(false);
    expect(some.canBan(alice, bob)).toBe(true);
  });

  it('puts the creators of version 12 above everything', () => {
    const version = roomVersion('12')!;
    const create = { sender: alice, content: { additional_creators: [bob] } };
    const some = levels({ users_default: 2 ** 53 - 1, ban: 2 ** 53 - 1 }, roomCreators(create, version));
    expect([some.userLevel(alice), some.userLevel(bob)]).toEqual([Infinity, Infinity]);
    expect(some.canBan(bob, '@carol:one.test')).toBe(true);
    expect(some.canKick(alice, bob)).toBe(false);
    expect(levels(undefined, roomCreators(create, version)).userLevel('@carol:one.test')).toBe(0);
  });

  it('takes the creator from where the version has it', () => {
    const create = { sender: alice, content: { creator: bob } };
    expect(roomCreators(create, roomVersion('10')!).userIds).toEqual([bob]);
    expect(roomCreators(create, roomVersion('11')!).userIds).toEqual([alice]);
  });

  it.each<JsonObject>([{ users: 'x' }, { users: { [bob]: 'x' } }, { users_default: [] }])(
    'permits nothing to a user whose level is unreadable: %j',
    (content) => {
      expect(levels(content).userLevel(bob)).toBeNaN();
      expect(levels(content).canSend(bob, 'm.room.message', false)).toBe(false);
    },
  );

  it.each<JsonObject>([{ events: [] }, { events: { x: {} } }, { events_default: null }])(
    'permits nobody what has an unreadable level: %j',
    (content) => {
      expect(levels(content).canSend(alice, 'x', false)).toBe(false);
    },
  );

  it("doesn't take inherited members of objects for levels", () => {
    const some = levels({ users: {}, events: {} });
    expect(some.userLevel('constructor')).toBe(0);
    expect(some.requiredLevel('toString', false)).toBe(0);
    const parsed = parseJson('{"events":{"__proto__":70}}');
    expect(parsed.ok && levels(parsed.value as JsonObject).requiredLevel('__proto__', false)).toBe(70);
  });
});
