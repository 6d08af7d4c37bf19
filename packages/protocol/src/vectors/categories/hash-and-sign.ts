import type { UnsignedPdu } from '../../events/event.ts';
import { parsePdu } from '../../events/format.ts';
import { isJsonObject, getOwn, type JsonObject } from '../../json/value.ts';
import { decodeBase64 } from '../../signing/base64.ts';
import { eventIdOf, referenceHash } from '../../signing/event-id.ts';
import { SigningKey, VerifyKey } from '../../signing/keys.ts';
import { hashAndSignEvent } from '../../signing/sign-event.ts';
import { verifyEvent } from '../../signing/verify-event.ts';
import { versionOf, type Category, type Vector } from '../category.ts';

function sign(vector: Vector): JsonObject {
  const version = versionOf(vector);
  const input = vector.input as { event: UnsignedPdu; key_id: string; seed: string; server_name: string };
  const key = new SigningKey(input.key_id, decodeBase64(input.seed) as Uint8Array);
  const { event, eventId } = hashAndSignEvent(input.event, version, input.server_name, key);
  return {
    content_hash: event.hashes['sha256'] ?? null,
    signature: (event.signatures[input.server_name] as JsonObject)[input.key_id] ?? null,
    reference_hash: referenceHash(event, version),
    event_id: eventId,
    public_key: key.publicKey,
  };
}

function verify(vector: Vector): JsonObject {
  const version = versionOf(vector);
  const parsed = parsePdu(vector.input['event'] ?? null, version);
  if (!parsed.ok) return { verdict: 'invalid' };
  const keys = vector.input['keys'] as JsonObject;
  const result = verifyEvent(parsed.event, version, (server, keyId) => {
    const ofServer = getOwn(keys, server);
    const key = isJsonObject(ofServer) ? getOwn(ofServer, keyId) : undefined;
    return typeof key === 'string' ? VerifyKey.fromBase64(key) : undefined;
  });
  if (result.verdict === 'rejected') return { verdict: 'rejected' };
  const answer: JsonObject = { verdict: result.verdict, event_id: eventIdOf(result.event, version) };
  if (result.verdict === 'redacted') answer['event_used'] = result.event;
  return answer;
}

/** Members that Synapse leaves out of the content hash. */
function hasUnhashedMember(event: JsonObject): boolean {
  return ['age_ts', 'outlier', 'destinations'].some((key) => Object.hasOwn(event, key));
}

export const hashAndSignVectors: Category = {
  name: 'hash-and-sign',
  answer: (vector) => (vector.input['kind'] === 'sign' ? sign(vector) : verify(vector)),
  facts: ({ input }) => ({ cause: hasUnhashedMember(input['event'] as JsonObject) ? 'unhashed-member' : '' }),
};
