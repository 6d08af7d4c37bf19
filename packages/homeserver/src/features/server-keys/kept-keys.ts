import type { Reader } from '@myelin/database';
import type { FindVerifyKey } from '@myelin/protocol';
import type { KeysConfig } from '../../config/index.ts';
import { holdsAt } from './known-key.ts';
import { ownVerifyKeys } from './own-keys.ts';
import { keysIn } from './store.ts';

/** The keys that are in the database, and our own: nobody is asked for others. */
export class KeptKeys {
  readonly #serverName: string;
  readonly #config: KeysConfig;
  readonly #reader: Reader;

  constructor(serverName: string, config: KeysConfig, reader: Reader) {
    this.#serverName = serverName;
    this.#config = config;
    this.#reader = reader;
  }

  /** Those of some servers; with `enforceValidity` only the ones that held at `time` (ms). */
  async at(servers: readonly string[], time: number, enforceValidity: boolean): Promise<FindVerifyKey> {
    const keys = await keysIn(this.#reader, servers);
    keys.set(this.#serverName, ownVerifyKeys(this.#config));
    return (server, keyId) => {
      const known = keys.get(server)?.get(keyId);
      return known && (!enforceValidity || holdsAt(known, time)) ? known.key : undefined;
    };
  }
}
