import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/value.ts';
import { RoomBuilder, RoomLine, type EventSpec } from '../testing/room-builder.ts';
import { authStateOf } from './auth-state.ts';
import { checkEventAuth } from './check-event-auth.ts';
import { PowerLevels } from './power-levels.ts';

const alice = '@alice:one.test';
const bob = '@bob:two.test';
const carol = '@carol:three.test';

/** A room in which alice has all power and the join rule is as given. */
function roomOf(
  version: string,
  options: { joinRule?: string; levels?: JsonObject; create?: JsonObject } = {},
): RoomLine {
  const line = new RoomLine(new RoomBuilder(version, alice, options.create));
  line.member(alice, 'join');
  const users = version === '12' ? {} : { [alice]: 100 };
  const content = { users, ...options.levels };
  line.add({ type: 'm.room.power_levels', sender: alice, stateKey: '', content });
  const joinRules = { join_rule: options.joinRule ?? 'public' };
  line.add({ type: 'm.room.join_rules', sender: alice, stateKey: '', content: joinRules });
  return line;
}

/** `allowed`, or the reason of the refusal. */
function outcome(line: RoomLine, spec: EventSpec): string {
  const { room, state, last } = line;
  const authState = authStateOf(room.eventsOf(state));
  const { pdu } = room.draft(spec, [last], state);
  const decision = checkEventAuth(pdu, authState, room.version);
  const levels = PowerLevels.ofState(authState, room.version);
  expect(checkEventAuth(pdu, authState, room.version, levels)).toEqual(decision);
  return decision.allowed ? 'allowed' : decision.reason;
}

function member(sender: string, membership: string, target = sender, content: JsonObject = {}): EventSpec {
  return { type: 'm.room.member', sender, stateKey: target, content: { membership, ...content } };
}

function message(sender: string): EventSpec {
  return { type: 'm.room.message', sender, content: { body: 'x' } };
}

describe('authorization of messages and state', () => {
  it.each(['1', '6', '10', '11', '12'])('lets members speak, version %s', (version) => {
    const line = roomOf(version);
    line.member(bob, 'join');
    expect(outcome(line, message(bob))).toBe('allowed');
    expect(outcome(line, message(carol))).toBe('sender-not-joined');
    expect(outcome(line, { type: 'm.room.topic', sender: bob, stateKey: '' })).toBe('send-level-too-low');
    expect(outcome(line, { type: 'm.room.topic', sender: alice, stateKey: '' })).toBe('allowed');
  });

  it('keeps state of users to themselves', () => {
    const line = roomOf('11', { levels: { state_default: 0 } });
    expect(outcome(line, { type: 'x', sender: alice, stateKey: alice })).toBe('allowed');
    expect(outcome(line, { type: 'x', sender: alice, stateKey: bob })).toBe('state-key-of-another-user');
  });

  it('refuses users of other servers in a room that is not federated, and only for the value false', () => {
    expect(outcome(roomOf('11', { create: { 'm.federate': false } }), member(bob, 'join'))).toBe('room-not-federated');
    expect(outcome(roomOf('11', { create: { 'm.federate': 'false' } }), member(bob, 'join'))).toBe('allowed');
  });

  it('refuses everything without a create event', () => {
    const { room } = roomOf('11');
    const { pdu } = room.draft(message(alice), [], new Map());
    const decision = checkEventAuth(pdu, authStateOf([]), room.version);
    expect(decision).toMatchObject({ allowed: false, reason: 'create-missing' });
  });

  it('wants the create event that the room id stands for in version 12', () => {
    const line = roomOf('12');
    const { pdu } = line.room.draft(message(alice), [line.last], line.state);
    const state = authStateOf(line.room.eventsOf(line.state));
    expect(checkEventAuth(pdu, state, line.room.version).allowed).toBe(true);
    const elsewhere = { ...pdu, room_id: '!elsewhere' };
    expect(checkEventAuth(elsewhere, state, line.room.version)).toMatchObject({ reason: 'auth-event-other-room' });
  });

  it('gives m.room.aliases to servers up to version 5', () => {
    const spec = { type: 'm.room.aliases', sender: bob, stateKey: 'two.test' };
    expect(outcome(roomOf('5'), spec)).toBe('allowed');
    expect(outcome(roomOf('5'), { ...spec, stateKey: 'one.test' })).toBe('aliases-state-key');
    expect(outcome(roomOf('6'), spec)).toBe('sender-not-joined');
  });

  it('decides on redactions in versions 1 and 2 only', () => {
    for (const [version, expected] of [
      ['1', 'redact-level-too-low'],
      ['3', 'allowed'],
    ] as const) {
      const line = roomOf(version, { levels: { users: { [alice]: 40 } } });
      expect(outcome(line, { type: 'm.room.redaction', sender: alice, redacts: '$x:two.test' })).toBe(expected);
      expect(outcome(line, { type: 'm.room.redaction', sender: alice, redacts: '$x:one.test' })).toBe('allowed');
    }
  });

  it('refuses cleanly what rests on levels that nobody can read', () => {
    const line = roomOf('9', { levels: { users: { [alice]: 100 }, ban: 'x', events: { 'm.room.topic': {} } } });
    expect(outcome(line, { type: 'm.room.topic', sender: alice, stateKey: '' })).toBe('power-level-unreadable');
    expect(outcome(line, { type: 'm.room.name', sender: alice, stateKey: '' })).toBe('allowed');
    expect(outcome(line, member(bob, 'join'))).toBe('power-level-unreadable');
  });
});

describe('authorization of create events', () => {
  const outcomeOfCreate = (version: string, changes: JsonObject): string => {
    const { create, version: roomVersion } = new RoomBuilder(version, alice);
    const decision = checkEventAuth({ ...create.pdu, ...changes }, authStateOf([]), roomVersion);
    return decision.allowed ? 'allowed' : decision.reason;
  };

  it.each<[string, JsonObject, string]>([
    ['1', {}, 'allowed'],
    ['12', {}, 'allowed'],
    ['11', { prev_events: ['$x'] }, 'create-has-prev-events'],
    ['11', { room_id: '!x:two.test' }, 'create-room-id-domain'],
    ['11', { room_id: '!x' }, 'id-without-domain'],
    ['12', { room_id: '!x' }, 'create-has-room-id'],
    ['12', { state_key: 'x' }, 'create-state-key'],
    ['11', { content: { room_version: '77' } }, 'create-room-version-unknown'],
    ['11', { content: { room_version: 11 } }, 'create-room-version-unknown'],
    ['10', { content: {} }, 'create-creator-missing'],
    ['11', { content: {} }, 'allowed'],
    ['12', { content: { additional_creators: [bob] } }, 'allowed'],
    ['12', { content: { additional_creators: bob } }, 'create-additional-creators-invalid'],
    ['12', { content: { additional_creators: ['bob'] } }, 'create-additional-creators-invalid'],
    ['12', { content: { additional_creators: [5] } }, 'create-additional-creators-invalid'],
    ['11', { content: { additional_creators: 5 } }, 'allowed'],
  ])('version %s, %j: %s', (version, changes, expected) => {
    expect(outcomeOfCreate(version, changes)).toBe(expected);
  });
});

describe('authorization of memberships', () => {
  it('lets the creator join first, and only as the second event of the room', () => {
    for (const version of ['1', '11', '12']) {
      const line = new RoomLine(new RoomBuilder(version, alice));
      expect(outcome(line, member(bob, 'join'))).toBe('join-not-invited');
      expect(outcome(line, member(alice, 'join'))).toBe('allowed');
      line.add(message(alice));
      expect(outcome(line, member(alice, 'join'))).toBe('join-not-invited');
    }
  });

  it('follows the join rule', () => {
    const join = member(bob, 'join');
    expect(outcome(roomOf('11', { joinRule: 'public' }), join)).toBe('allowed');
    expect(outcome(roomOf('11', { joinRule: 'invite' }), join)).toBe('join-not-invited');
    expect(outcome(roomOf('11', { joinRule: 'knock' }), join)).toBe('join-not-invited');
    expect(outcome(roomOf('6', { joinRule: 'knock' }), join)).toBe('join-rule-forbids');
    expect(outcome(roomOf('11', { joinRule: 'private' }), join)).toBe('join-rule-forbids');
    const line = roomOf('11', { joinRule: 'invite' });
    line.member(alice, 'invite', bob);
    expect(outcome(line, join)).toBe('allowed');
    expect(outcome(line, member(alice, 'join', bob))).toBe('join-for-another');
    line.member(alice, 'ban', bob);
    expect(outcome(line, join)).toBe('target-banned');
  });

  it('lets a member who may invite vouch for a join', () => {
    const vouched = (user: string) => member(bob, 'join', bob, { join_authorised_via_users_server: user });
    const restricted = { joinRule: 'restricted', levels: { invite: 50 } };
    const line = roomOf('9', restricted);
    line.member(carol, 'join');
    expect(outcome(line, member(bob, 'join'))).toBe('join-not-authorised');
    expect(outcome(line, vouched(alice))).toBe('allowed');
    expect(outcome(line, vouched('@dave:one.test'))).toBe('join-authoriser-not-joined');
    expect(outcome(line, vouched(carol))).toBe('join-authoriser-level-too-low');
    expect(outcome(roomOf('7', restricted), vouched(alice))).toBe('join-rule-forbids');
    expect(outcome(roomOf('9', { joinRule: 'knock_restricted' }), vouched(alice))).toBe('join-rule-forbids');
    expect(outcome(roomOf('10', { joinRule: 'knock_restricted' }), vouched(alice))).toBe('allowed');
  });

  it('lets users knock from version 7 on', () => {
    expect(outcome(roomOf('6', { joinRule: 'knock' }), member(bob, 'knock'))).toBe('membership-unknown');
    const line = roomOf('7', { joinRule: 'knock' });
    expect(outcome(line, member(bob, 'knock'))).toBe('allowed');
    expect(outcome(line, member(alice, 'knock', bob))).toBe('knock-for-another');
    expect(outcome(line, member(alice, 'knock'))).toBe('knock-already-member');
    expect(outcome(roomOf('7'), member(bob, 'knock'))).toBe('knock-not-possible');
    line.member(bob, 'knock');
    expect(outcome(line, member(bob, 'leave'))).toBe('allowed');
    line.member(alice, 'ban', bob);
    expect(outcome(line, member(bob, 'knock'))).toBe('target-banned');
  });

  it('guards invites', () => {
    const line = roomOf('11', { joinRule: 'invite', levels: { invite: 10 } });
    expect(outcome(line, member(alice, 'invite', bob))).toBe('allowed');
    expect(outcome(line, member(bob, 'invite', carol))).toBe('sender-not-joined');
    line.member(bob, 'join');
    expect(outcome(line, member(bob, 'invite', carol))).toBe('invite-level-too-low');
    expect(outcome(line, member(alice, 'invite', bob))).toBe('target-already-joined');
    line.member(alice, 'ban', bob);
    expect(outcome(line, member(alice, 'invite', bob))).toBe('target-banned');
  });

  it('guards leaving, kicks, bans and unbans', () => {
    const line = roomOf('11', { levels: { users: { [alice]: 60, [bob]: 60, [carol]: 59 }, ban: 60, kick: 59 } });
    expect(outcome(line, member(bob, 'leave'))).toBe('leave-without-membership');
    line.member(bob, 'join');
    line.member(carol, 'join');
    expect(outcome(line, member(bob, 'leave'))).toBe('allowed');
    expect(outcome(line, member(alice, 'leave', bob))).toBe('kick-target-level');
    expect(outcome(line, member(alice, 'ban', bob))).toBe('ban-target-level');
    expect(outcome(line, member(alice, 'leave', carol))).toBe('allowed');
    expect(outcome(line, member(carol, 'ban', '@x:y'))).toBe('ban-level-too-low');
    expect(outcome(line, member('@x:y', 'leave', carol))).toBe('sender-not-joined');
    line.member(alice, 'ban', '@x:y');
    expect(outcome(line, member(carol, 'leave', '@x:y'))).toBe('unban-level-too-low');
    expect(outcome(line, member('@x:y', 'leave'))).toBe('leave-without-membership');
  });

  it('refuses members without membership, state_key or domain', () => {
    const line = roomOf('11');
    expect(outcome(line, { type: 'm.room.member', sender: bob, stateKey: bob })).toBe('membership-missing');
    expect(outcome(line, { type: 'm.room.member', sender: bob, content: { membership: 'join' } })).toBe(
      'membership-missing',
    );
    expect(outcome(line, member(bob, 'x'))).toBe('membership-unknown');
    expect(outcome(line, member(alice, 'ban', 'bob'))).toBe('id-without-domain');
  });
});

describe('authorization of m.room.power_levels', () => {
  const set = (version: string, before: JsonObject, after: JsonObject, sender = alice): string => {
    const line = roomOf(version, { levels: before });
    if (sender !== alice) line.member(sender, 'join');
    return outcome(line, { type: 'm.room.power_levels', sender, stateKey: '', content: after });
  };
  const users = { [alice]: 60, [bob]: 50 };

  it.each<[string, JsonObject, JsonObject, string]>([
    ['9', { users }, { users }, 'allowed'],
    ['9', { users }, { users, ban: 60 }, 'allowed'],
    ['9', { users }, { users, ban: 61 }, 'power-levels-above-own'],
    ['9', { users, ban: 61 }, { users }, 'power-levels-above-own'],
    ['9', { users, ban: 61 }, { users, ban: ' 61' }, 'allowed'],
    ['9', { users }, { users: { ...users, [carol]: 61 } }, 'power-levels-above-own'],
    ['9', { users: { ...users, [carol]: 60 } }, { users }, 'power-levels-equal-to-own'],
    ['9', { users }, { users: { [bob]: 50 } }, 'allowed'],
    ['9', { users, events: { x: 70 } }, { users, events: {} }, 'power-levels-above-own'],
    ['9', { users, events: { x: 60 } }, { users, events: {} }, 'allowed'],
    ['5', { users }, { users, notifications: { room: 70 } }, 'allowed'],
    ['6', { users }, { users, notifications: { room: 70 } }, 'power-levels-above-own'],
    ['9', { users }, { users: { ...users, [carol]: 'x' } }, 'power-levels-not-integer'],
    ['9', { users }, { users: { ...users, [carol]: '40' } }, 'allowed'],
    ['10', { users }, { users: { ...users, [carol]: '40' } }, 'power-levels-not-integer'],
    ['9', { users }, { users: { ...users, [carol]: true } }, 'power-levels-not-integer'],
    ['5', { users }, { users: { ...users, [carol]: 40.5 } }, 'allowed'],
    ['9', { users }, { users: { ...users, carol: 1 } }, 'power-levels-user-id'],
    ['9', { users }, { users: [] }, 'power-levels-malformed'],
    ['9', { users }, { users, events: null }, 'power-levels-malformed'],
    ['10', { users }, { users, ban: '5' }, 'power-levels-not-integer'],
    ['10', { users }, { users, notifications: { room: null } }, 'power-levels-not-integer'],
    ['10', { users }, { users, other: 'x' }, 'allowed'],
    ['12', {}, { users: { [bob]: 2 ** 53 - 1 } }, 'allowed'],
    ['12', {}, { users: { [alice]: 100 } }, 'power-levels-name-creator'],
  ])('version %s, from %j to %j: %s', (version, before, after, expected) => {
    expect(set(version, before, after)).toBe(expected);
  });

  it('keeps the level of others who have as much out of reach, not the own one', () => {
    const levels = { users: { [alice]: 60, [bob]: 60 } };
    expect(set('9', levels, { users: { [alice]: 60, [bob]: 59 } }, bob)).toBe('allowed');
    expect(set('9', levels, { users: { [alice]: 59, [bob]: 60 } }, bob)).toBe('power-levels-equal-to-own');
  });

  it('is free while there is no such event', () => {
    const line = new RoomLine(new RoomBuilder('11', alice));
    line.member(alice, 'join');
    const content = { users: { [bob]: 1000 } };
    expect(outcome(line, { type: 'm.room.power_levels', sender: alice, stateKey: '', content })).toBe('allowed');
  });
});
