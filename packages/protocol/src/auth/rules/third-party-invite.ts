import { canonicalJson, CanonicalJsonError } from '../../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { isEd25519KeyId, VerifyKey } from '../../signing/keys.ts';
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

function publicKeysOf(content: JsonObject): VerifyKey[] {
  const keys: (JsonValue | undefined)[] = [content['public_key']];
  const list = content['public_keys'];
  if (Array.isArray(list)) for (const entry of list) if (isJsonObject(entry)) keys.push(entry['public_key']);
  const texts = keys.filter((key) => typeof key === 'string').slice(0, maxVerifications);
  return texts.flatMap((text) => VerifyKey.fromBase64(text) ?? []);
}

function isSignedByAny(signed: JsonObject, keys: readonly VerifyKey[]): boolean {
  const { signatures, unsigned: _, ...rest } = signed;
  const text = isJsonObject(signatures) && keys.length > 0 ? textOf(rest) : undefined;
  if (text === undefined) return false;
  let budget = maxVerifications;
  for (const signature of signaturesIn(signatures as JsonObject)) {
    for (const key of keys) {
      if (--budget < 0) return false;
      if (key.verify(text, signature)) return true;
    }
  }
  return false;
}

function* signaturesIn(signatures: JsonObject): Generator<string> {
  for (const byKeyId of Object.values(signatures)) {
    if (!isJsonObject(byKeyId)) continue;
    for (const [keyId, signature] of Object.entries(byKeyId)) {
      if (isEd25519KeyId(keyId) && typeof signature === 'string') yield signature;
    }
  }
}

/** What was signed; undefined if it has no canonical JSON. */
function textOf(signed: JsonObject): string | undefined {
  try {
    return canonicalJson(signed, 'lenient');
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}
