import { parseJson, roomVersion, type JsonObject, type RoomVersion } from '@myelin/protocol';
import { describe, expect, test } from 'vitest';
import { BadAnswer } from './bad-answer.ts';
import { rebuildFromTemplate, type WantedMembership } from './membership-template.ts';

const userId = '@anna:here.test';
const roomId = '!room:there.test';
const eventId = `$${'a'.repeat(43)}`;
const clock = { now: () => 1_700_000_000_000, monotonic: () => 0 };
const random = { bytes: (length: number) => new Uint8Array(length), unit: () => 0 } as never;

const wanted: WantedMembership = {
  resident: 'there.test',
  roomId,
  userId,
  content: { membership: 'join', displayname: 'Anna' },
};

function template(changes: JsonObject = {}, content: JsonObject = {}): JsonObject {
  return {
    type: 'm.room.member',
    room_id: roomId,
    sender: userId,
    state_key: userId,
    content: { membership: 'join', ...content },
    depth: 7,
    prev_events: [eventId],
    auth_events: [eventId],
    origin: 'there.test',
    origin_server_ts: 5,
    ...changes,
  };
}

function rebuild(event: JsonObject, version = '11', asked = wanted) {
  return rebuildFromTemplate({ event, room_version: version }, asked, clock, random);
}

describe('an event made by a template of another server', () => {
  test('has its place from the template, and everything else from us', () => {
    const { pdu, version } = rebuild(template());
    expect(version).toBe(roomVersion('11'));
    expect(pdu).toEqual({
      auth_events: [eventId],
      content: { membership: 'join', displayname: 'Anna' },
      depth: 7,
      origin_server_ts: 1_700_000_000_000,
      prev_events: [eventId],
      room_id: roomId,
      sender: userId,
      state_key: userId,
      type: 'm.room.member',
    });
  });

  test('has nothing that the other server made up', () => {
    const { pdu } = rebuild(
      template(
        { redacts: '$other', unsigned: { x: 1 }, hashes: { sha256: 'x' }, 'm.extra': true, signatures: {} },
        { displayname: 'Fool', is_direct: true, third_party_invite: {}, 'm.extra': 1 },
      ),
    );
    expect(Object.keys(pdu).sort()).toEqual(
      'auth_events content depth origin_server_ts prev_events room_id sender state_key type'.split(' '),
    );
    expect(pdu.content).toEqual(wanted.content);
  });

  test.each([
    ['of another type', template({ type: 'm.room.power_levels' })],
    ['of another room', template({ room_id: '!other:there.test' })],
    ['of another sender', template({ sender: '@boss:here.test' })],
    ['about somebody else', template({ state_key: '@boss:here.test' })],
    ['without a state key', template({ state_key: undefined as never })],
    ['of another membership', template({}, { membership: 'ban' })],
    ['without content', template({ content: null })],
    ['without events before it', template({ prev_events: [] })],
    ['with too many events before it', template({ prev_events: Array.from({ length: 21 }, () => eventId) })],
    ['with too many auth events', template({ auth_events: Array.from({ length: 11 }, () => eventId) })],
    ['with events that are none', template({ prev_events: [{ $: 1 }] })],
    ['with ids of another version', template({ prev_events: ['$x:there.test'] })],
    ['of no depth', template({ depth: 1.5 })],
    ['of a depth below zero', template({ depth: -1 })],
    ['of a depth beyond integers', template({ depth: 2 ** 60 })],
    ['of a depth in words', template({ depth: '7' })],
  ])('is refused if it is %s', (_what, event) => {
    expect(() => rebuild(event)).toThrow(BadAnswer);
  });

  test('is refused in a room version that nobody knows', () => {
    expect(() => rebuild(template(), 'org.example.unknown')).toThrow(BadAnswer);
  });

  test('lets only a user of that server vouch for a restricted join', () => {
    const vouched = template({}, { join_authorised_via_users_server: '@boss:there.test' });
    expect(rebuild(vouched).pdu.content['join_authorised_via_users_server']).toBe('@boss:there.test');
    expect(rebuild(vouched, '7').pdu.content).not.toHaveProperty('join_authorised_via_users_server');
    for (const other of ['@boss:here.test', '@boss:third.test', 'boss', 5]) {
      expect(() => rebuild(template({}, { join_authorised_via_users_server: other }))).toThrow(BadAnswer);
    }
    const leave = { ...wanted, content: { membership: 'leave' } };
    const left = template({}, { membership: 'leave', join_authorised_via_users_server: '@boss:there.test' });
    expect(rebuild(left, '11', leave).pdu.content).toEqual({ membership: 'leave' });
  });

  test('names events in the way of its version, with an id of ours in the oldest', () => {
    const reference = ['$x:there.test', { sha256: 'A'.repeat(43), more: 'no' }];
    const old = template({ prev_events: [reference], auth_events: [reference], event_id: '$theirs:there.test' });
    const { pdu, version } = rebuildFromTemplate({ event: old }, wanted, clock, random);
    expect(version).toBe(roomVersion('1') as RoomVersion);
    expect(pdu.prev_events).toEqual([['$x:there.test', { sha256: 'A'.repeat(43) }]]);
    expect(pdu.event_id).toMatch(/^\$[A-Za-z0-9]{24}:here\.test$/);
    // As Synapse gives them.
    const bare = ['$x:there.test', {}];
    expect(rebuild(template({ prev_events: [bare], auth_events: [bare] }), '1').pdu.auth_events).toEqual([bare]);
    expect(() => rebuild(template({ prev_events: [['$x:there.test', { sha256: 'no hash' }]] }), '1')).toThrow(
      BadAnswer,
    );
  });

  test('is not misled by a prototype', () => {
    const parsed = parseJson(
      JSON.stringify(template()).replace(
        '"membership":"join"',
        '"__proto__":{"join_authorised_via_users_server":"@boss:here.test"},"membership":"join"',
      ),
    );
    if (!parsed.ok) throw new Error('not JSON');
    expect(rebuild(parsed.value as JsonObject).pdu.content).toEqual(wanted.content);
  });
});
