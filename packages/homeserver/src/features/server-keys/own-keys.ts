import { signJson, SigningKey, type JsonObject } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { KeysConfig } from '../../config/index.ts';

/** What the server says of its own keys. Server-Server API §"Publishing keys". */
export class OwnKeys {
  readonly #serverName: string;
  readonly #config: KeysConfig;
  readonly #clock: Clock;
  readonly #keys: readonly SigningKey[];

  constructor(serverName: string, config: KeysConfig, clock: Clock) {
    this.#serverName = serverName;
    this.#config = config;
    this.#clock = clock;
    this.#keys = config.signingKeys.map((key) => new SigningKey(key.keyId, key.seed));
  }

  /** Signed with each of the keys, valid for `key_refresh_interval`. */
  published(): JsonObject {
    const { oldSigningKeys, keyRefreshIntervalMs } = this.#config;
    let answer: JsonObject = {
      server_name: this.#serverName,
      valid_until_ts: this.#clock.now() + keyRefreshIntervalMs,
      verify_keys: Object.fromEntries(this.#keys.map((key) => [key.keyId, { key: key.publicKey }])),
      old_verify_keys: Object.fromEntries(
        oldSigningKeys.map((key) => [key.keyId, { key: key.publicKey, expired_ts: key.expiredTs }]),
      ),
    };
    for (const key of this.#keys) answer = signJson(answer, this.#serverName, key);
    return answer;
  }
}
