import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { canonicalJson, CanonicalJsonError } from '../../json/canonical.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { allowed, named, refuse, type AuthDecision } from '../decision.ts';
import type { MembershipChange } from './membership-change.ts';

/** How many signatures are tried at most: an honest invite has one or two, an event has room for thousands. */
const maxVerifications = 256;

/** Rule 5.4.1: an invite that redeems an m.room.third_party_invite. */
export function checkThirdPartyInvite({ event, state, target, targetMembership }: MembershipChange): AuthDecision {
  if (targetMembership === 'ban') return refuse('target-banned', `${named(target)} is banned from the room`);
  const invite = event.content['third_party_invite'];
  const signed = isJsonObject(invite) ? invite['signed'] : undefined;
  if (!isJsonObject(signed)) return refuse('third-party-invite-malformed', 'third_party_invite has no signed object');
  const { mxid, token } = signed;
  if (typeof mxid !== 'string' || typeof token !== 'string') {
    return refuse('third-party-invite-malformed', 'the signed object has no mxid or no token');
  }
  if (mxid !== target) return refuse('third-party-invite-mismatch', 'the signed object is for another user');
  const promise = state.get('m.room.third_party_invite', token)?.pdu;
  if (!promise) return refuse('third-party-invite-unknown', 'no m.room.third_party_invite has this token');
  if (promise.sender !== event.sender) {
    return refuse('third-party-invite-mismatch', 'the m.room.third_party_invite is by another user');
  }
  if (isSignedByAny(signed, publicKeysOf(promise.content))) return allowed;
  return refuse('third-party-invite-signature', 'no signature is by a key of the m.room.third_party_invite');
}

function publicKeysOf(content: JsonObject): KeyObject[] {
  const keys: JsonValue[] = [];
  if (content['public_key'] !== undefined) keys.push(content['public_key']);
  const list = content['public_keys'];
  if (Array.isArray(list)) for (const entry of list) if (isJsonObject(entry)) keys.push(entry['public_key'] ?? null);
  return keys.slice(0, maxVerifications).flatMap((key) => readPublicKey(key) ?? []);
}

function readPublicKey(key: JsonValue): KeyObject | undefined {
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : undefined;
  if (bytes?.length !== 32) return undefined;
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' });
}

function isSignedByAny(signed: JsonObject, keys: readonly KeyObject[]): boolean {
  const { signatures, unsigned: _, ...rest } = signed;
  if (keys.length === 0 || !isJsonObject(signatures)) return false;
  const message = messageOf(rest);
  if (!message) return false;
  let budget = maxVerifications;
  for (const server of Object.keys(signatures)) {
    const block = getOwn(signatures, server);
    if (!isJsonObject(block)) continue;
    for (const [keyId, signature] of Object.entries(block)) {
      if (!keyId.startsWith('ed25519:') || typeof signature !== 'string') continue;
      const bytes = Buffer.from(signature, 'base64');
      if (bytes.length !== 64) continue;
      for (const key of keys) {
        if (--budget < 0) return false;
        if (verify(null, message, key, bytes)) return true;
      }
    }
  }
  return false;
}

/** The bytes that were signed; undefined if there is no canonical JSON of them. */
function messageOf(signed: JsonObject): Buffer | undefined {
  try {
    return Buffer.from(canonicalJson(signed, 'lenient'));
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}
