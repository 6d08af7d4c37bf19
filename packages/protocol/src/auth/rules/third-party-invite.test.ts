import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import { SigningKey } from '../../signing/keys.ts';
import { signJson } from '../../signing/sign-json.ts';
import { RoomBuilder, RoomLine } from '../../testing/room-builder.ts';
import { authStateOf } from '../auth-state.ts';
import { checkEventAuth } from '../check-event-auth.ts';

const alice = '@alice:one.test';
const bob = '@bob:two.test';
const identityKey = new SigningKey('ed25519:0', Buffer.alloc(32, 1));
const otherKey = new SigningKey('ed25519:1', Buffer.alloc(32, 2));

interface Changes {
  readonly promise?: JsonObject;
  readonly signed?: (signed: JsonObject) => JsonValue;
  readonly sender?: string;
  readonly target?: string;
  readonly banned?: boolean;
}

function outcome({ promise, signed = (value) => value, sender = alice, target = bob, banned }: Changes = {}): string {
  const line = new RoomLine(new RoomBuilder('11', alice));
  line.member(alice, 'join');
  const content = promise ?? { public_key: identityKey.publicKey };
  line.add({ type: 'm.room.third_party_invite', sender: alice, stateKey: 'token', content });
  if (banned) line.member(alice, 'ban', bob);
  const good = signJson({ mxid: bob, token: 'token' }, 'id.test', identityKey);
  const invite = { membership: 'invite', third_party_invite: { signed: signed(good) } };
  const { pdu } = line.room.draft(
    { type: 'm.room.member', sender, stateKey: target, content: invite },
    [line.last],
    line.state,
  );
  const decision = checkEventAuth(pdu, authStateOf(line.room.eventsOf(line.state)), line.room.version);
  return decision.allowed ? 'allowed' : decision.reason;
}

describe('redeeming a third-party invite', () => {
  it('needs a signature by a key of the invite', () => {
    expect(outcome()).toBe('allowed');
    expect(outcome({ promise: { public_keys: [{ public_key: identityKey.publicKey }] } })).toBe('allowed');
    expect(outcome({ promise: { public_key: otherKey.publicKey } })).toBe('third-party-invite-signature');
    expect(outcome({ promise: { public_key: 5, public_keys: [null, { public_key: '=' }, 'x'] } })).toBe(
      'third-party-invite-signature',
    );
  });

  it('takes any good signature with any of the keys', () => {
    const both = (good: JsonObject): JsonObject => {
      const bad = { 'ed25519:0': 'AAAA', 'x:1': 'AAAA', 'ed25519:2': 7 };
      return { ...good, signatures: { 'bad.test': bad, 'odd.test': 5, ...(good['signatures'] as JsonObject) } };
    };
    const public_keys = [{ public_key: otherKey.publicKey }, { public_key: identityKey.publicKey }];
    expect(outcome({ signed: both, promise: { public_keys } })).toBe('allowed');
  });

  it('tries a bounded number of signatures', () => {
    const many = (good: JsonObject): JsonObject => {
      const [server, signatures] = Object.entries(good['signatures'] as JsonObject)[0]!;
      const bad = Object.fromEntries(
        Array.from({ length: 300 }, (_, index) => [`ed25519:x${index}`, Buffer.alloc(64, 7).toString('base64')]),
      );
      return { ...good, signatures: { bad, [server]: signatures! } };
    };
    expect(outcome({ signed: many })).toBe('third-party-invite-signature');
  });

  it('covers what was signed', () => {
    expect(outcome({ signed: (good) => ({ ...good, extra: 1 }) })).toBe('third-party-invite-signature');
    expect(outcome({ signed: (good) => ({ ...good, unsigned: { x: 1 } }) })).toBe('allowed');
  });

  it('needs a well-formed signed object for this target, by who made the invite', () => {
    expect(outcome({ signed: () => 'x' })).toBe('third-party-invite-malformed');
    expect(outcome({ signed: ({ mxid: _, ...rest }) => rest })).toBe('third-party-invite-malformed');
    expect(outcome({ signed: (good) => ({ ...good, token: 5 }) })).toBe('third-party-invite-malformed');
    expect(outcome({ signed: (good) => ({ ...good, token: 'other' }) })).toBe('third-party-invite-unknown');
    expect(outcome({ target: '@carol:two.test' })).toBe('third-party-invite-mismatch');
    expect(outcome({ sender: '@carol:two.test' })).toBe('third-party-invite-mismatch');
    expect(outcome({ banned: true })).toBe('target-banned');
  });
});
