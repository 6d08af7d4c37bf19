import { signJson, SigningKey, VerifyKey, type JsonObject } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { KeysConfig } from '../../config/index.ts';
import type { KnownKey } from './known-key.ts';

/** What the server says of its own keys. Server-Server API §"Publishing keys". */
export class OwnKeys {
  readonly #serverName: string;
  readonly #config: KeysConfig;
  readonly #clock: Clock;
  readonly #keys: readonly SigningKey[];
  readonly #notaryKeys: readonly SigningKey[];

  constructor(serverName: string, config: KeysConfig, clock: Clock) {
    this.#serverName = serverName;
    this.#config = config;
    this.#clock = clock;
    this.#keys = config.signingKeys.map((key) => new SigningKey(key.keyId, key.seed));
    this.#notaryKeys = config.notaryKeys.map((key) => new SigningKey(key.keyId, key.seed));
  }

  /** Signed with each of the keys, valid for `key_refresh_interval`. */
  published(): JsonObject {
    const { oldSigningKeys, keyRefreshIntervalMs } = this.#config;
    const answer: JsonObject = {
      server_name: this.#serverName,
      valid_until_ts: this.#clock.now() + keyRefreshIntervalMs,
      verify_keys: Object.fromEntries(this.#keys.map((key) => [key.keyId, { key: key.publicKey }])),
      old_verify_keys: Object.fromEntries(
        oldSigningKeys.map((key) => [key.keyId, { key: key.publicKey, expired_ts: key.expiredTs }]),
      ),
    };
    return this.#sign(answer, this.#keys);
  }

  /** What another server says of its keys, with this server's signatures added. Throws CanonicalJsonError. */
  vouchFor(answer: JsonObject): JsonObject {
    return this.#sign(answer, this.#notaryKeys);
  }

  #sign(object: JsonObject, keys: readonly SigningKey[]): JsonObject {
    let signed = object;
    for (const key of keys) signed = signJson(signed, this.#serverName, key);
    return signed;
  }
}

/** The keys that signatures in this server's name are checked with. */
export function ownVerifyKeys({ signingKeys, oldSigningKeys }: KeysConfig): Map<string, KnownKey> {
  const keys = new Map<string, KnownKey>();
  const add = (keyId: string, publicKey: string, validUntil: number, isOld: boolean): void => {
    const key = VerifyKey.fromBase64(publicKey);
    if (key) keys.set(keyId, { publicKey, key, validUntil, isOld, answeredUntil: validUntil });
  };
  for (const { keyId, publicKey, expiredTs } of oldSigningKeys) add(keyId, publicKey, expiredTs, true);
  for (const { keyId, seed } of signingKeys) {
    add(keyId, new SigningKey(keyId, seed).publicKey, Number.MAX_SAFE_INTEGER, false);
  }
  return keys;
}
