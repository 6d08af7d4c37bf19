import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../json/value.ts';
import { JsonNumber } from '../json/value.ts';
import { roomVersion, type RoomVersion } from '../room-versions.ts';
import { maxEventBytes } from './event-limits.ts';
import { checkEventFormat, type FormatResult } from './format.ts';

const message: JsonObject = {
  type: 'm.room.message',
  sender: '@a:one.test',
  room_id: '!r:one.test',
  content: { body: 'hello' },
  depth: 3,
  origin_server_ts: 1_700_000_000_000,
  prev_events: ['$p'],
  auth_events: ['$a'],
  hashes: { sha256: 'aGFzaA' },
  signatures: { 'one.test': { 'ed25519:1': 'c2ln' } },
};

function check(changes: JsonObject, version = '11', without: string[] = []): FormatResult {
  const event = { ...message, ...changes };
  for (const key of without) delete event[key];
  return checkEventFormat(event, roomVersion(version) as RoomVersion);
}

function problemOf(result: FormatResult) {
  if (result.ok) throw new Error('accepted');
  return result.problem;
}

describe('the format of an event', () => {
  it('gives the event, its id and its canonical form', () => {
    const result = check({});
    if (!result.ok) throw new Error('refused');
    expect(result.event).toBe(result.canonical.event);
    expect(result.eventId).toMatch(/^\$[A-Za-z0-9_-]{43}$/);
  });

  it('keeps of unsigned only what other servers may say', () => {
    const unsigned = { age: 5, redacted_because: {}, invite_room_state: [{}, 1], prev_content: 1 };
    const told = (type: string) => {
      const result = check({ type, state_key: '', content: { membership: 'x' }, unsigned });
      return result.ok && result.event.unsigned;
    };
    expect(told('m.room.message')).toEqual({ age: 5 });
    expect(told('m.room.member')).toEqual({ age: 5, invite_room_state: [{}] });
    expect(check({ unsigned: { age: 1.5, x: 1.5 } })).toMatchObject({ ok: true, event: message });
  });

  it.each<[JsonObject, string]>([
    [{ depth: -1 }, 'depth-negative'],
    [{ depth: 1.5 }, 'depth-not-integer'],
    [{ depth: '1' }, 'depth-not-integer'],
    [{ depth: new JsonNumber('9007199254740992', true) }, 'depth-too-large'],
    [{ unsigned: [] }, 'unsigned-not-object'],
    [{ content: null }, 'wrong-type'],
    [{ content: [] }, 'wrong-type'],
    [{ state_key: null }, 'wrong-type'],
    [{ hashes: { sha256: 1 } }, 'wrong-type'],
    [{ signatures: { 'one.test': 'x' } }, 'wrong-type'],
    [{ prev_events: [['$p', {}]] }, 'wrong-type'],
    [{ auth_events: null }, 'wrong-type'],
    [{ event_id: '$x' }, 'event-id-present'],
    [{ content: { x: 1.5 } }, 'float'],
    [{ x: new JsonNumber('9007199254740992', true) }, 'integer-out-of-range'],
    [{ content: { x: '\ud800' } }, 'lone-surrogate'],
    [{ content: { x: nested(126) } }, 'too-deep'],
  ])('refuses %j', (changes, reason) => {
    expect(problemOf(check(changes))).toEqual({ stage: 'parse', reason });
  });

  it.each([null, [], 'x', 1])('refuses %j, which is no object', (event: JsonValue) => {
    expect(problemOf(checkEventFormat(event, roomVersion('11') as RoomVersion)).reason).toBe('not-an-object');
  });

  it('lets floats and big integers pass in versions 1 to 5', () => {
    const content = { x: 1.5, y: new JsonNumber('9007199254740992', true) };
    expect(check({ content }, '5').ok).toBe(true);
    expect(check({ origin_server_ts: new JsonNumber('9223372036854775807', true) }, '5').ok).toBe(true);
    expect(check({ origin_server_ts: new JsonNumber('9223372036854775808', true) }, '5').ok).toBe(false);
  });

  it('takes the older references in versions 1 and 2', () => {
    const references = { prev_events: [['$p:one.test', { sha256: 'aA' }]], auth_events: [], event_id: '$e:one.test' };
    expect(check(references, '2')).toMatchObject({ ok: true, eventId: '$e:one.test' });
    expect(check(references, '3').ok).toBe(false);
    expect(check({ prev_events: [], auth_events: [] }, '2').ok).toBe(false);
  });

  it('wants room ids in version 12 that are made from the create event', () => {
    const create = { type: 'm.room.create', state_key: '', content: {}, prev_events: [], auth_events: [] };
    expect(check(create, '12').ok).toBe(false);
    expect(check(create, '12', ['room_id']).ok).toBe(true);
    expect(check({ ...create, state_key: 'x' }, '12', ['room_id']).ok).toBe(false);
    expect(check({ room_id: '$r' }, '12').ok).toBe(false);
    expect(problemOf(check({ room_id: '!c', auth_events: ['$c'] }, '12')).reason).toBe('auth-events-name-create');
  });

  it('bounds references', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, index) => `$${index}`);
    expect(check({ prev_events: ids(20), auth_events: ids(10) }).ok).toBe(true);
    expect(problemOf(check({ prev_events: ids(21) })).reason).toBe('too-many-prev-events');
    expect(problemOf(check({ auth_events: ids(11) })).reason).toBe('too-many-auth-events');
  });

  it('bounds the size by bytes of canonical JSON', () => {
    const size = (body: string) => check({ content: { body } });
    const base = size('');
    if (!base.ok) throw new Error('refused');
    const room = maxEventBytes - Buffer.byteLength(base.canonical.text());
    expect(size('x'.repeat(room)).ok).toBe(true);
    expect(problemOf(size('x'.repeat(room + 1)))).toEqual({
      stage: 'limits',
      reason: 'event-over-65536-bytes',
      storeAsRejected: false,
    });
    expect(size('é'.repeat(room / 2)).ok).toBe(true);
    expect(size('é'.repeat(room / 2 + 1)).ok).toBe(false);
  });

  it.each([
    ['state_key', '11', 'é'.repeat(127), undefined],
    ['state_key', '11', 'é'.repeat(128), false],
    ['state_key', '10', 'é'.repeat(128), true],
    ['type', '10', '\u{1f600}'.repeat(255), true],
    ['type', '10', 'x'.repeat(256), false],
    ['room_id', '10', `!${'x'.repeat(255)}`, false],
  ])('bounds %s in version %s', (key, version, text, storeAsRejected) => {
    const result = check({ [key]: text }, version);
    if (storeAsRejected === undefined) return expect(result.ok).toBe(true);
    expect(problemOf(result)).toEqual({ stage: 'limits', reason: 'field-over-255', detail: key, storeAsRejected });
    expect(!result.ok && result.formatted !== undefined).toBe(storeAsRejected);
  });

  it('drops an event that is over by code points anywhere, even if another member is over by bytes only', () => {
    const result = check({ sender: `@${'é'.repeat(130)}:one.test`, type: 'x'.repeat(256) }, '10');
    expect(problemOf(result)).toMatchObject({ detail: 'type', storeAsRejected: false });
  });

  it('asks for the signatures of those who must sign', () => {
    const missing = (changes: JsonObject, version?: string) => problemOf(check(changes, version));
    expect(missing({ signatures: {} })).toMatchObject({ reason: 'signature-missing', detail: 'one.test' });
    expect(missing({ sender: 'a' })).toMatchObject({ reason: 'signers-unclear', detail: 'id-without-domain' });
    expect(missing({ type: 'm.room.member' })).toMatchObject({ detail: 'no-membership' });
    const join = { type: 'm.room.member', content: { membership: 'join', join_authorised_via_users_server: '@b:two' } };
    expect(missing(join)).toMatchObject({ detail: 'two' });
    const invite = { type: 'm.room.member', content: { membership: 'invite', third_party_invite: {} }, signatures: {} };
    expect(check(invite).ok).toBe(true);
    const old = { ...invite, prev_events: [], auth_events: [], event_id: '$e:two' };
    expect(missing(old, '1')).toMatchObject({ detail: 'two' });
  });
});

function nested(levels: number): JsonValue {
  let value: JsonValue = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
}
