import {
  canonicalJson,
  CanonicalJsonError,
  getOwn,
  isEd25519KeyId,
  isJsonObject,
  JsonNumber,
  VerifyKey,
  verifyJson,
  type JsonObject,
  type JsonValue,
} from '@myelin/protocol';
import type { KnownKey } from './known-key.ts';

/** What a server says of its keys, checked. */
export interface KeyAnswer {
  readonly serverName: string;
  /** By key id; old ones too. */
  readonly keys: ReadonlyMap<string, KnownKey>;
  /** As it says, in ms. */
  readonly validUntil: number;
  /** Canonical JSON with all signatures, as others may see it. */
  readonly text: string;
  /** From the server itself, and still holding: goes before all that was known. Others only go before older ones. */
  readonly supersedes: boolean;
}

/** Server-Server API §"Querying keys": nobody is bound by a key for longer. */
const longestValidity = 7 * 86_400_000;
/** A server with more keys than this isn't believed: it signs with one, and changes it now and then. */
const mostKeys = 100;
const mostCurrentKeys = 20;
/** Nor one that says more than this, in UTF-16 units: its words are kept with each key, for those who ask us. */
const longestText = 16_384;
const longestKeyId = 255;

/** Undefined where it isn't of that server, or not signed with its keys. */
export function checkKeyAnswer(
  json: JsonValue,
  serverName: string,
  now: number,
  from: 'server' | 'notary' = 'server',
): KeyAnswer | undefined {
  if (!isJsonObject(json) || json['server_name'] !== serverName) return undefined;
  const until = json['valid_until_ts'];
  const answeredUntil = until instanceof JsonNumber ? until.value : until;
  if (typeof answeredUntil !== 'number' || !(answeredUntil >= 0)) return undefined;
  const current = entriesOf(getOwn(json, 'verify_keys'));
  const old = entriesOf(getOwn(json, 'old_verify_keys'));
  if (!current || !old || current.length > mostCurrentKeys || current.length + old.length > mostKeys) return undefined;

  const validUntil = Math.min(Math.floor(answeredUntil), now + longestValidity);
  const keys = new Map<string, KnownKey>();
  for (const [keyId, entry] of old) {
    const expired = entry['expired_ts'];
    const known = typeof expired === 'number' && keyOf(keyId, entry);
    if (known) keys.set(keyId, { ...known, validUntil: expired, isOld: true, answeredUntil });
  }
  const signing = new Map<string, VerifyKey>();
  for (const [keyId, entry] of current) {
    const known = keyOf(keyId, entry);
    if (!known) continue;
    keys.set(keyId, { ...known, validUntil, isOld: false, answeredUntil });
    signing.set(keyId, known.key);
  }
  const text = signedText(json, serverName, signing);
  if (text === undefined || text.length > longestText) return undefined;
  return { serverName, keys, validUntil: answeredUntil, text, supersedes: from === 'server' && answeredUntil >= now };
}

/** Undefined where it isn't signed. */
function signedText(
  { unsigned: _unsigned, ...json }: JsonObject,
  serverName: string,
  keys: ReadonlyMap<string, VerifyKey>,
): string | undefined {
  try {
    const problem = verifyJson(json, serverName, (_server, keyId) => keys.get(keyId));
    return problem ? undefined : canonicalJson(json);
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}

function entriesOf(value: JsonValue | undefined): [string, JsonObject][] | undefined {
  if (value === undefined) return [];
  if (!isJsonObject(value)) return undefined;
  return Object.entries(value).filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1]));
}

function keyOf(keyId: string, entry: JsonObject): Pick<KnownKey, 'publicKey' | 'key'> | undefined {
  const publicKey = entry['key'];
  if (!isEd25519KeyId(keyId) || keyId.length > longestKeyId || typeof publicKey !== 'string') return undefined;
  const key = publicKey.length > 100 ? undefined : VerifyKey.fromBase64(publicKey);
  return key && { publicKey, key };
}
