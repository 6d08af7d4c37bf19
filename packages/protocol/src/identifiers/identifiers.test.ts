import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roomVersion, type RoomVersion } from '../room-versions.ts';
import { isEventIdOfVersion, parseEventId } from './event-id.ts';
import { parseMxc } from './mxc.ts';
import { isNamespacedId, isOpaqueId } from './opaque-id.ts';
import { parseRoomAlias } from './room-alias.ts';
import { parseRoomId } from './room-id.ts';
import { parseServerName } from './server-name.ts';
import { isCompliantUserId, isUserIdForNewUser, parseUserId } from './user-id.ts';

describe('server names', () => {
  // The first six are the examples of Appendices, "Server Name".
  it.each([
    ['matrix.org', 'matrix.org', undefined, 'dns'],
    ['matrix.org:8888', 'matrix.org', 8888, 'dns'],
    ['1.2.3.4', '1.2.3.4', undefined, 'ipv4'],
    ['1.2.3.4:1234', '1.2.3.4', 1234, 'ipv4'],
    ['[1234:5678::abcd]', '[1234:5678::abcd]', undefined, 'ipv6'],
    ['[1234:5678::abcd]:5678', '[1234:5678::abcd]', 5678, 'ipv6'],
    ['localhost', 'localhost', undefined, 'dns'],
    ['[::ffff:1.2.3.4]', '[::ffff:1.2.3.4]', undefined, 'ipv6'],
  ])('%s', (text, host, port, hostKind) => {
    expect(parseServerName(text)).toEqual({ host, port, hostKind });
  });

  it.each([
    '',
    ':80',
    'a:',
    'a:+80',
    'a: 80',
    'a:8_0',
    'a:100000',
    'a:80\n',
    'a_b',
    'bücher.test',
    'a..b',
    'a.',
    '256.1.1.1',
    '[::g]',
    '[1.2.3.4]',
    '[1:2:3:4:5:6:7:8:9]',
    '[::1%eth0]',
    '::1',
    'a/b',
    'a.b\0',
    'a'.repeat(256),
  ])('not %j', (text) => {
    expect(parseServerName(text)).toBeUndefined();
  });
});

describe('user ids', () => {
  it('may have any localpart in events, but not for new users', () => {
    for (const localpart of ['', 'A B', 'é', '\n', '你好']) {
      expect(parseUserId(`@${localpart}:one.test`)).toEqual({ localpart, serverName: 'one.test' });
      expect(isCompliantUserId(`@${localpart}:one.test`)).toBe(false);
      expect(isUserIdForNewUser(localpart, 'one.test')).toBe(false);
    }
    expect(isCompliantUserId('@A!:one.test:80')).toBe(true);
    expect(isUserIdForNewUser('A', 'one.test')).toBe(false);
    expect(isUserIdForNewUser('a0._=-/+', 'one.test')).toBe(true);
  });

  it.each(['a:one.test', '@a', '@a:', '@a:b:c', '@a\0:one.test', '@\ud800:one.test', '!a:one.test'])(
    'not %j',
    (text) => {
      expect(parseUserId(text)).toBeUndefined();
    },
  );

  it('have 255 bytes at most', () => {
    const withBytes = (count: number) => `@é${'a'.repeat(count - 5)}:b`;
    expect(parseUserId(withBytes(255))).toBeDefined();
    expect(parseUserId(withBytes(256))).toBeUndefined();
    expect(isUserIdForNewUser('a'.repeat(247), 'b.test')).toBe(true);
    expect(isUserIdForNewUser('a'.repeat(248), 'b.test')).toBe(false);
  });

  it('are put together again from their parts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const parts = parseUserId(`@${text}:one.test`);
        if (parts) expect(`@${parts.localpart}:${parts.serverName}`).toBe(`@${text}:one.test`);
      }),
    );
  });
});

describe('room ids and aliases', () => {
  it('have a domain, or are hashes', () => {
    const hash = 'a-_'.padEnd(43, 'Z');
    expect(parseRoomId('!a b:one.test:80')).toEqual({ form: 'domain', localpart: 'a b', serverName: 'one.test:80' });
    expect(parseRoomId(`!${hash}`)).toEqual({ form: 'hash', createEventId: `$${hash}` });
    expect(parseRoomAlias('#a#b:one.test')).toEqual({ localpart: 'a#b', serverName: 'one.test' });
    for (const text of ['!a', '!:one.test', `!${hash}a`, `!${hash}\n`, '#a:one.test']) {
      expect(parseRoomId(text)).toBeUndefined();
    }
    for (const text of ['#a', '#:one.test', '!a:one.test']) expect(parseRoomAlias(text)).toBeUndefined();
  });
});

describe('event ids', () => {
  const plus = `$${'+'.padEnd(43, 'a')}`;
  const minus = `$${'-'.padEnd(43, 'a')}`;

  it('depend on the room version', () => {
    const fits = (text: string) =>
      ['2', '3', '4', '12'].filter((id) => isEventIdOfVersion(text, roomVersion(id) as RoomVersion));
    expect(fits('$a:one.test')).toEqual(['2']);
    expect(fits(plus)).toEqual(['3']);
    expect(fits(minus)).toEqual(['4', '12']);
    expect(fits('$a')).toEqual([]);
  });

  it('are told apart', () => {
    expect(parseEventId(plus)).toEqual({ form: 'base64', referenceHash: plus.slice(1) });
    expect(parseEventId(minus)).toEqual({ form: 'base64url', referenceHash: minus.slice(1) });
    expect(parseEventId('$a:b')).toEqual({ form: 'domain', localpart: 'a', serverName: 'b' });
    expect(parseEventId('$:b')).toBeUndefined();
  });
});

describe('content URIs', () => {
  it('have a media id that is safe in paths', () => {
    expect(parseMxc('mxc://one.test:80/a-B_9')).toEqual({ serverName: 'one.test:80', mediaId: 'a-B_9' });
    for (const uri of ['mxc://one.test/', 'mxc://one.test', 'mxc:///a', 'mxc://one.test/../a', 'mxc://one.test/a.b']) {
      expect(parseMxc(uri)).toBeUndefined();
    }
    expect(parseMxc('http://one.test/a')).toBeUndefined();
  });
});

describe('opaque and namespaced ids', () => {
  it('have their own characters', () => {
    expect(isOpaqueId('A-._~9')).toBe(true);
    for (const text of ['', 'a b', 'a/b', 'a'.repeat(256)]) expect(isOpaqueId(text)).toBe(false);
    expect(isNamespacedId('m.login.password')).toBe(true);
    for (const text of ['', '1a', 'A', 'a b', 'a'.repeat(256)]) expect(isNamespacedId(text)).toBe(false);
  });
});
