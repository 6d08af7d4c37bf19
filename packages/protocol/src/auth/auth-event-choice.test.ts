import { describe, expect, it } from 'vitest';
import type { StateKeyPair } from '../events/event.ts';
import { stateMapKey } from '../events/event.ts';
import { RoomBuilder, RoomLine } from '../testing/room-builder.ts';
import { checkAuthEventChoice } from './auth-event-choice.ts';
import { authStateOf, type EventWithId } from './auth-state.ts';
import { authTypesForEvent } from './auth-types.ts';
import { selectAuthEvents } from './select-auth-events.ts';

const alice = '@alice:one.test';
const bob = '@bob:two.test';

function roomOf(version: string): RoomLine {
  const line = new RoomLine(new RoomBuilder(version, alice));
  line.member(alice, 'join');
  line.add({ type: 'm.room.power_levels', sender: alice, stateKey: '', content: {} });
  line.add({ type: 'm.room.join_rules', sender: alice, stateKey: '', content: { join_rule: 'public' } });
  line.member(bob, 'join');
  return line;
}

describe('the choice of auth events', () => {
  const spec = { type: 'm.room.message', sender: bob };

  function check(line: RoomLine, change: (chosen: EventWithId[], line: RoomLine) => EventWithId[]): string {
    const { room, state, last } = line;
    const { pdu } = room.draft(spec, [last], state);
    const chosen = selectAuthEvents(pdu, authStateOf(room.eventsOf(state)), room.version);
    const withCreate = room.version.roomIdIsCreateEventId ? [...chosen, room.create] : chosen;
    const decision = checkAuthEventChoice(pdu, change(withCreate, line), room.version);
    return decision.allowed ? 'allowed' : decision.reason;
  }
  const stateEvent = ({ room, state }: RoomLine, type: string, key = ''): EventWithId =>
    room.events.get(state.get(stateMapKey(type, key))!)!;

  it.each(['1', '11', '12'])('takes what selectAuthEvents selects, version %s', (version) => {
    const line = roomOf(version);
    expect(check(line, (chosen) => chosen)).toBe('allowed');
    expect(check(line, (chosen) => chosen.filter(({ pdu }) => pdu.type === 'm.room.create'))).toBe('allowed');
    expect(check(line, (chosen) => chosen.filter(({ pdu }) => pdu.type !== 'm.room.create'))).toBe('create-missing');
    expect(check(line, (chosen) => [...chosen, chosen[1]!])).toBe('auth-event-duplicate');
    expect(check(line, (chosen) => [...chosen, stateEvent(line, 'm.room.join_rules')])).toBe('auth-event-not-expected');
    expect(check(line, (chosen) => [...chosen, line.add(spec)])).toBe('auth-event-not-expected');
    expect(check(line, (chosen) => chosen.map((event) => ({ ...event, rejected: true })))).toBe('auth-event-rejected');
    const elsewhere = { ...stateEvent(line, 'm.room.power_levels') };
    const moved = { ...elsewhere, pdu: { ...elsewhere.pdu, room_id: '!other:one.test' } };
    expect(check(line, (chosen) => [...chosen.slice(0, -1), moved])).toBe('auth-event-other-room');
  });

  it('wants the create event of the room id in version 12', () => {
    const line = roomOf('12');
    const other = { ...line.room.create, eventId: '$other' };
    const replaced = check(line, (chosen) => chosen.map((event) => (event === line.room.create ? other : event)));
    expect(replaced).toBe('auth-event-other-room');
  });

  it('takes any for the create event, which needs none', () => {
    const { room } = roomOf('11');
    expect(checkAuthEventChoice(room.create.pdu, [], room.version).allowed).toBe(true);
  });
});

describe('the selection of auth events', () => {
  const types = (content: Record<string, unknown>, version = '11', target = bob): string[] => {
    const { version: roomVersion } = new RoomBuilder(version, alice);
    const event = { type: 'm.room.member', sender: alice, state_key: target, content: content as never };
    return authTypesForEvent(event, roomVersion).map(
      ({ type, stateKey }: StateKeyPair) => `${type.slice(7)} ${stateKey}`,
    );
  };
  const base = ['create ', 'power_levels ', `member ${alice}`];
  const signed = { token: 'abc' };

  it.each<[string, Record<string, unknown>, string[]]>([
    ['leave', { membership: 'leave' }, [`member ${bob}`]],
    ['invite', { membership: 'invite' }, [`member ${bob}`, 'join_rules ']],
    [
      'third-party invite',
      { membership: 'invite', third_party_invite: { signed } },
      [`member ${bob}`, 'join_rules ', 'third_party_invite abc'],
    ],
    ['malformed invite', { membership: 'invite', third_party_invite: { signed: 5 } }, [`member ${bob}`, 'join_rules ']],
    [
      'restricted join',
      { membership: 'join', join_authorised_via_users_server: '@c:d' },
      [`member ${bob}`, 'join_rules ', 'member @c:d'],
    ],
    [
      'a join that the target vouches for',
      { membership: 'join', join_authorised_via_users_server: bob },
      [`member ${bob}`, 'join_rules '],
    ],
  ])('of a member event: %s', (_name, content, expected) => {
    expect(types(content)).toEqual([...base, ...expected]);
  });

  it('knows restricted joins from version 8 on and no create event from version 12 on', () => {
    const join = { membership: 'join', join_authorised_via_users_server: '@c:d' };
    expect(types(join, '7')).not.toContain('member @c:d');
    expect(types(join, '12')).toEqual([...base.slice(1), `member ${bob}`, 'join_rules ', 'member @c:d']);
  });

  it('names what the state has, each once', () => {
    const { room, state } = roomOf('11');
    const event = room.draft(
      { type: 'm.room.member', sender: bob, stateKey: bob, content: { membership: 'leave' } },
      [],
      state,
    );
    const selected = selectAuthEvents(event.pdu, authStateOf(room.eventsOf(state)), room.version);
    expect(selected.map(({ pdu }) => pdu.type)).toEqual(['m.room.create', 'm.room.power_levels', 'm.room.member']);
    expect(selectAuthEvents(event.pdu, authStateOf([]), room.version)).toEqual([]);
  });
});
