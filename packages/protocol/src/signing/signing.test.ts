import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pdu, UnsignedPdu } from '../events/event.ts';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonObject } from '../json/value.ts';
import { redactEvent } from '../redaction/redact.ts';
import { roomVersion, roomVersions, type RoomVersion } from '../room-versions.ts';
import { arbitraryObject } from '../testing/arbitrary-json.ts';
import { decodeBase64, encodeBase64, encodeBase64Url } from './base64.ts';
import { CanonicalEvent } from './canonical-event.ts';
import { contentHash, eventIdOf, referenceHash } from './event-id.ts';
import { formatSigningKeyFile, parseSigningKeyFile } from './key-file.ts';
import { SigningKey, VerifyKey } from './keys.ts';
import { hashAndSignEvent, signEvent } from './sign-event.ts';
import { signJson, verifyJson } from './sign-json.ts';
import { verifyEvent } from './verify-event.ts';

function version(id: string): RoomVersion {
  return roomVersion(id) as RoomVersion;
}

function keyOf(seed: number, keyId = 'ed25519:1'): SigningKey {
  return new SigningKey(keyId, new Uint8Array(32).fill(seed));
}

function finder(keys: Record<string, SigningKey[]>) {
  return (server: string, keyId: string) => {
    const key = keys[server]?.find((one) => one.keyId === keyId);
    return key && VerifyKey.fromBase64(key.publicKey);
  };
}

const message: UnsignedPdu = {
  type: 'm.room.message',
  sender: '@a:one.test',
  room_id: '!r:one.test',
  content: { msgtype: 'm.text', body: 'hello' },
  depth: 3,
  origin_server_ts: 1_700_000_000_000,
  prev_events: [],
  auth_events: [],
};

describe('the test vectors of the specification (Appendices, "Cryptographic Test Vectors")', () => {
  const key = new SigningKey('ed25519:1', decodeBase64('YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1') as Uint8Array);

  it.each([
    [{}, 'K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ'],
    [{ one: 1, two: 'Two' }, 'KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw'],
  ])('sign %j', (object: JsonObject, signature) => {
    expect(signJson(object, 'domain', key)).toEqual({ ...object, signatures: { domain: { 'ed25519:1': signature } } });
  });

  const minimal = {
    room_id: '!x:domain',
    sender: '@a:domain',
    origin: 'domain',
    origin_server_ts: 1_000_000,
    signatures: {},
    hashes: {},
    type: 'X',
    content: {},
    prev_events: [],
    auth_events: [],
    depth: 3,
    unsigned: { age_ts: 1_000_000 },
  };
  const redactable = {
    content: { body: 'Here is the message content' },
    event_id: '$0:domain',
    origin: 'domain',
    origin_server_ts: 1_000_000,
    type: 'm.room.message',
    room_id: '!r:domain',
    sender: '@u:domain',
    signatures: {},
    unsigned: { age_ts: 1_000_000 },
  };

  it.each([
    [
      minimal,
      '5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos',
      'KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg',
    ],
    [
      redactable,
      'onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g',
      'Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA',
    ],
  ])('sign the event %#', (event, sha256, signature) => {
    const signed = hashAndSignEvent(event as unknown as UnsignedPdu, version('1'), 'domain', key);
    expect(signed.event).toEqual({ ...event, hashes: { sha256 }, signatures: { domain: { 'ed25519:1': signature } } });
  });
});

describe('hashes of an event', () => {
  const event = { ...message, hashes: { sha256: 'aGFzaA' }, signatures: { x: {} }, age_ts: 1, unsigned: { age: 1 } };

  it('cover all but unsigned, signatures and hashes', () => {
    const { hashes: _hashes, signatures: _signatures, unsigned: _unsigned, ...hashed } = event;
    const digest = createHash('sha256').update(canonicalJson(hashed)).digest();
    expect(contentHash(event, version('11'))).toBe(encodeBase64(digest));
  });

  it('make the event id in the form of the room version', () => {
    for (const one of roomVersions.slice(2)) {
      const { signatures: _signatures, ...redacted } = redactEvent(event as unknown as Pdu, one);
      const digest = createHash('sha256').update(canonicalJson(redacted)).digest();
      expect(referenceHash(event, one)).toBe(encodeBase64(digest));
      expect(eventIdOf(event, one)).toBe(`$${one.id === '3' ? encodeBase64(digest) : encodeBase64Url(digest)}`);
    }
    expect(eventIdOf({ ...event, event_id: '$x:one.test' }, version('2'))).toBe('$x:one.test');
  });

  it('stay the same when the event is redacted', () => {
    const types = fc.constantFrom(
      'm.room.member',
      'm.room.create',
      'm.room.join_rules',
      'm.room.power_levels',
      'm.room.aliases',
      'm.room.history_visibility',
      'm.room.redaction',
      'x',
    );
    const members = fc.record({ membership: fc.string(), third_party_invite: arbitraryObject, ban: fc.integer() });
    fc.assert(
      fc.property(
        types,
        arbitraryObject,
        members,
        arbitraryObject,
        fc.constantFrom(...roomVersions),
        (type, a, b, c, one) => {
          const any = { ...c, ...event, type, content: { ...a, ...b }, event_id: '$1:one.test' };
          const redacted = redactEvent(any, one);
          expect(referenceHash(redacted, one)).toBe(referenceHash(any, one));
          expect(redactEvent(redacted, one)).toEqual(redacted);
        },
      ),
    );
  });
});

describe('the canonical texts of an event', () => {
  it('are those of the event with a member set', () => {
    fc.assert(
      fc.property(arbitraryObject, arbitraryObject, (members, hashes) => {
        const event = { ...members, ...message };
        const whole = CanonicalEvent.of(event, version('11')).with('hashes', hashes).with('signatures', { a: {} });
        const expected = { ...event, hashes, signatures: { a: {} } };
        expect(whole.text()).toBe(canonicalJson(expected));
        expect(whole.event).toEqual(expected);
        expect(whole.signableText()).toBe(CanonicalEvent.of(expected, version('11')).signableText());
        expect(whole.hashableText()).toBe(CanonicalEvent.of(expected, version('11')).hashableText());
      }),
    );
  });
});

describe('a signed event', () => {
  it.each(roomVersions.map(({ id }) => id))(
    'is accepted in version %s, and redacted if its content was changed',
    (id) => {
      const bare = id === '1' || id === '2' ? { ...message, event_id: '$e:one.test' } : message;
      const { event, eventId, text } = hashAndSignEvent(bare, version(id), 'one.test', keyOf(1));
      const find = finder({ 'one.test': [keyOf(1)] });
      expect(text).toBe(canonicalJson(event));
      expect(eventId).toBe(eventIdOf(event, version(id)));
      expect(verifyEvent(event, version(id), find)).toEqual({ verdict: 'accepted', event });
      const tampered = { ...event, content: { msgtype: 'm.text', body: 'bye' } };
      expect(verifyEvent(tampered, version(id), find)).toEqual({
        verdict: 'redacted',
        event: redactEvent(event, version(id)),
      });
      expect(verifyEvent({ ...event, depth: 4 }, version(id), find)).toMatchObject({
        verdict: 'rejected',
        reason: 'signature-not-verified',
        server: 'one.test',
      });
    },
  );

  it('leaves unsigned out of the stored text', () => {
    const { event, text } = hashAndSignEvent({ ...message, unsigned: { age: 1 } }, version('11'), 'one.test', keyOf(1));
    const { unsigned: _unsigned, ...stored } = event;
    expect(text).toBe(canonicalJson(stored));
  });

  it('needs the signature of the server that authorised a restricted join, too', () => {
    const join: UnsignedPdu = {
      ...message,
      type: 'm.room.member',
      state_key: '@a:one.test',
      content: { membership: 'join', join_authorised_via_users_server: '@b:two.test' },
    };
    const find = finder({ 'one.test': [keyOf(1)], 'two.test': [keyOf(2, 'ed25519:b')] });
    const once = hashAndSignEvent(join, version('11'), 'one.test', keyOf(1));
    expect(verifyEvent(once.event, version('11'), find)).toMatchObject({ verdict: 'rejected', server: 'two.test' });
    const twice = signEvent(once.event, version('11'), 'two.test', keyOf(2, 'ed25519:b'));
    expect(verifyEvent(twice.event, version('11'), find).verdict).toBe('accepted');
    expect(twice.eventId).toBe(once.eventId);
    // Before version 8 the member means nothing.
    const old = hashAndSignEvent(join, version('7'), 'one.test', keyOf(1));
    expect(verifyEvent(old.event, version('7'), find).verdict).toBe('accepted');
  });

  it('is refused when one of the signatures by known keys is bad, whatever the others', () => {
    const { event } = hashAndSignEvent(message, version('11'), 'one.test', keyOf(1));
    const signatures = event.signatures['one.test'] as JsonObject;
    const other = keyOf(2, 'ed25519:2');
    const withBad = { ...event, signatures: { 'one.test': { ...signatures, 'ed25519:2': keyOf(3).sign('x') } } };
    expect(verifyEvent(withBad, version('11'), finder({ 'one.test': [keyOf(1), other] })).verdict).toBe('rejected');
    expect(verifyEvent(withBad, version('11'), finder({ 'one.test': [keyOf(1)] })).verdict).toBe('accepted');
    expect(verifyEvent(withBad, version('11'), finder({})).verdict).toBe('rejected');
  });

  it.each([
    ['sha256-missing', {}],
    ['hash-not-base64', { sha256: 'é' }],
    ['hash-not-base64', { sha256: 'A' }],
  ])('is refused as %s if its hashes are %j', (reason, hashes) => {
    const canonical = CanonicalEvent.of({ ...message, hashes }, version('11'));
    const signatures = { 'one.test': { 'ed25519:1': keyOf(1).sign(canonical.signableText()) } };
    const event = { ...message, hashes, signatures } as unknown as Pdu;
    expect(verifyEvent(event, version('11'), finder({ 'one.test': [keyOf(1)] }))).toEqual({
      verdict: 'rejected',
      reason,
    });
  });
});

describe('a signed object', () => {
  const signed = signJson({ a: 1, signatures: { 'two.test': { 'ed25519:x': 'eA' } } }, 'one.test', keyOf(1));

  it('keeps the signatures of others', () => {
    expect(Object.keys(signed.signatures)).toEqual(['two.test', 'one.test']);
  });

  it('is verified, unsigned left aside', () => {
    const find = finder({ 'one.test': [keyOf(1)] });
    expect(verifyJson({ ...signed, unsigned: { x: 1 } }, 'one.test', find)).toBeUndefined();
    expect(verifyJson({ ...signed, a: 2 }, 'one.test', find)).toBe('bad-signature');
    expect(verifyJson(signed, 'two.test', find)).toBe('no-known-key');
    expect(verifyJson(signed, 'three.test', find)).toBe('no-signature');
    expect(verifyJson({ signatures: { 'one.test': { 'rsa:1': 'eA' } } }, 'one.test', find)).toBe('no-signature');
  });
});

describe('keys', () => {
  it('come from seeds, to be written and read as a file', () => {
    const seeds = [
      { keyId: 'ed25519:a_abcd', seed: new Uint8Array(32).fill(7) },
      { keyId: 'ed25519:b', seed: new Uint8Array(32).fill(8) },
    ];
    const text = formatSigningKeyFile(seeds);
    expect(text.split('\n')[0]).toMatch(/^ed25519 a_abcd [A-Za-z0-9+/]{43}$/);
    expect(parseSigningKeyFile(`${text}\n`).map(({ keyId, seed }) => ({ keyId, seed: Uint8Array.from(seed) }))).toEqual(
      seeds,
    );
  });

  it.each(['ed25519 a', 'rsa a AAAA', `ed25519 a ${'A'.repeat(42)}`, `ed25519 a ${'A'.repeat(43)} x`])(
    'a file with %j is refused without telling what is in it',
    (text) => {
      expect(() => parseSigningKeyFile(`\n${text}`)).toThrow(
        /^line 2 is not an ed25519 signing key \("ed25519 VERSION SEED"\)$/,
      );
    },
  );

  it('need the right sizes', () => {
    expect(() => new SigningKey('ed25519:a', new Uint8Array(31))).toThrow(RangeError);
    expect(() => new SigningKey('rsa:a', new Uint8Array(32))).toThrow(RangeError);
    expect(VerifyKey.fromBase64('AAAA')).toBeUndefined();
    expect(VerifyKey.fromBase64(keyOf(1).publicKey)?.verify('x', 'AAAA')).toBe(false);
  });
});

describe('base64', () => {
  // Appendices, "Unpadded Base64".
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ])('of %j is %j', (text, base64) => {
    expect(encodeBase64(Buffer.from(text))).toBe(base64);
  });

  it('is read in either alphabet, padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const buffer = Buffer.from(bytes);
        for (const text of [encodeBase64(bytes), encodeBase64Url(bytes), buffer.toString('base64')]) {
          expect(buffer.equals(decodeBase64(text) as Uint8Array)).toBe(true);
        }
      }),
    );
  });

  it('is refused where bits are missing or other scripts come in', () => {
    expect(decodeBase64('A')).toBeUndefined();
    expect(decodeBase64('AAAAA')).toBeUndefined();
    expect(decodeBase64('AAé=')).toBeUndefined();
  });
});
