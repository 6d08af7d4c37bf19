import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/value.ts';
import { roomVersion, roomVersions, type RoomVersion } from '../room-versions.ts';
import { redactContent, redactEvent } from './redact.ts';

/** The room versions in which a member of content survives. */
function keptIn(type: string, key: string): string {
  const kept = roomVersions.filter((version) => key in redactContent(type, { [key]: 'x', other: 1 }, version));
  return kept.map(({ id }) => id).join(' ');
}

const all = roomVersions.map(({ id }) => id).join(' ');
const from = (first: number) =>
  roomVersions
    .slice(first - 1)
    .map(({ id }) => id)
    .join(' ');
const until = (last: number) =>
  roomVersions
    .slice(0, last)
    .map(({ id }) => id)
    .join(' ');

describe('redaction', () => {
  it.each([
    ['m.room.member', 'membership', all],
    ['m.room.member', 'join_authorised_via_users_server', from(9)],
    ['m.room.create', 'creator', all],
    ['m.room.create', 'room_version', from(11)],
    ['m.room.join_rules', 'join_rule', all],
    ['m.room.join_rules', 'allow', from(8)],
    ['m.room.power_levels', 'users', all],
    ['m.room.power_levels', 'invite', from(11)],
    ['m.room.power_levels', 'notifications', ''],
    ['m.room.aliases', 'aliases', until(5)],
    ['m.room.history_visibility', 'history_visibility', all],
    ['m.room.redaction', 'redacts', from(11)],
    ['m.room.message', 'body', ''],
  ])('of %s keeps %s in the versions %s', (type, key, versions) => {
    expect(keptIn(type, key)).toBe(versions);
  });

  it('keeps the signed part of a third-party invite from version 11 on', () => {
    const content: JsonObject = { third_party_invite: { display_name: 'x', signed: { token: 't' } } };
    expect(redactContent('m.room.member', content, roomVersion('10') as RoomVersion)).toEqual({});
    expect(redactContent('m.room.member', content, roomVersion('11') as RoomVersion)).toEqual({
      third_party_invite: { signed: { token: 't' } },
    });
  });

  it('drops unknown keys and leaves the event as it was', () => {
    const event = { type: 'x', content: { a: 1 }, sender: '@a:b', unsigned: {}, origin: 'b', redacts: '$x', x: 1 };
    const copy = structuredClone(event);
    expect(redactEvent(event, roomVersion('10') as RoomVersion)).toEqual({
      type: 'x',
      content: {},
      sender: '@a:b',
      origin: 'b',
    });
    expect(redactEvent(event, roomVersion('11') as RoomVersion)).toEqual({ type: 'x', content: {}, sender: '@a:b' });
    expect(event).toEqual(copy);
  });

  it('needs a type and a content', () => {
    expect(() => redactEvent({ content: {} }, roomVersion('11') as RoomVersion)).toThrow(TypeError);
    expect(() => redactEvent({ type: 'x' }, roomVersion('11') as RoomVersion)).toThrow(TypeError);
  });
});
