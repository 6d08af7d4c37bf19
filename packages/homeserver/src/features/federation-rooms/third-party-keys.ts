import { MatrixError } from '@myelin/api';
import { isJsonObject, parseJson, verifyJson, VerifyKey, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { OutboundHttp } from '@myelin/runtime';

/** A key in an m.room.third_party_invite event. */
interface InviteKey {
  readonly publicKey: string;
  /** Where to ask whether it still holds. */
  readonly validityUrl: string | undefined;
}

/** So many keys of one invitation are looked at. */
const mostKeys = 10;
const longestAnswer = 4_096;
/** In milliseconds. */
const patience = 10_000;

/**
 * The keys of identity servers that sign who has an invited identifier: the server that makes the invite asks whether they
 * still hold. Client-Server API §"Third-party invites", "Server behaviour".
 */
export class ThirdPartyKeys {
  readonly #http: OutboundHttp;

  constructor(http: OutboundHttp) {
    this.#http = http;
  }

  /**
   * Throws M_FORBIDDEN if no key that still holds has signed; 502 if that can't be told. `promise` is the content of the
   * m.room.third_party_invite event.
   */
  async check(signed: JsonObject, promise: JsonObject): Promise<void> {
    let failure = new MatrixError('M_FORBIDDEN', 'The invitation is not signed by a key that was named with it');
    for (const key of keysOf(promise)) {
      if (!hasSigned(key.publicKey, signed)) continue;
      try {
        if (key.validityUrl === undefined || (await this.#holds(key.publicKey, key.validityUrl))) return;
        failure = new MatrixError('M_FORBIDDEN', 'The key of the identity server does not hold any more');
      } catch {
        failure = new MatrixError('M_UNKNOWN', 'The key of the identity server could not be checked', { status: 502 });
      }
    }
    throw failure;
  }

  /** Identity Service API §GET /pubkey/isvalid. */
  async #holds(publicKey: string, validityUrl: string): Promise<boolean> {
    const url = new URL(validityUrl);
    if (url.protocol !== 'https:') throw new Error('Keys are asked about over TLS only');
    url.searchParams.set('public_key', publicKey);
    const response = await this.#http.request({
      url: url.href,
      method: 'GET',
      timeoutMs: patience,
      longestMs: patience,
    });
    if (response.status !== 200) {
      response.cancel();
      throw new Error('The identity server has no answer');
    }
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of response.body) {
      length += piece.length;
      if (length > longestAnswer) throw new Error('The answer of the identity server is too long');
      pieces.push(piece);
    }
    const answer = parseJson(Buffer.concat(pieces));
    return answer.ok && isJsonObject(answer.value) && answer.value['valid'] === true;
  }
}

function keysOf({ public_key: first, key_validity_url: firstUrl, public_keys: more }: JsonObject): InviteKey[] {
  const listed: JsonValue[] = Array.isArray(more) ? more.slice(0, mostKeys) : [];
  const keys: InviteKey[] = [];
  for (const entry of [{ public_key: first ?? null, key_validity_url: firstUrl ?? null }, ...listed]) {
    if (!isJsonObject(entry) || typeof entry['public_key'] !== 'string') continue;
    const url = entry['key_validity_url'];
    keys.push({ publicKey: entry['public_key'], validityUrl: typeof url === 'string' ? url : undefined });
  }
  return keys;
}

function hasSigned(publicKey: string, signed: JsonObject): boolean {
  const key = VerifyKey.fromBase64(publicKey);
  const { signatures } = signed;
  if (!key || !isJsonObject(signatures)) return false;
  return Object.keys(signatures)
    .slice(0, mostKeys)
    .some((server) => verifyJson(signed, server, () => key) === undefined);
}
