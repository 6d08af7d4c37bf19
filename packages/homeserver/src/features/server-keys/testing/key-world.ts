import { federation, type Endpoint } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { OpenTestDatabase } from '@myelin/database/testing';
import { signJson, SigningKey, type JsonObject } from '@myelin/protocol';
import { systemTimers, type Timers } from '@myelin/runtime';
import { testConfig } from '../../../config/index.ts';
import { FederationError, type FederationClient } from '../../federation-client/index.ts';
import { FetchingKeyRing } from '../fetching-key-ring.ts';
import { serverKeysMigrations } from '../migrations.ts';
import { Notary } from '../notary.ts';
import { OwnKeys } from '../own-keys.ts';

export const day = 86_400_000;
export const start = Date.parse('2026-01-01T00:00:00Z');

export const keyOf = (name: string): SigningKey => new SigningKey(`ed25519:${name}`, Buffer.alloc(32, `key ${name}`));

export interface Said {
  readonly current?: readonly string[];
  readonly old?: Readonly<Record<string, number>>;
  readonly until?: number;
  readonly by?: readonly string[];
  readonly name?: string;
}

/** What a server says of its keys. */
export function answerOf(
  server: string,
  { current = ['1'], old = {}, until = start + day, by = current, name = server }: Said = {},
) {
  let answer: JsonObject = {
    server_name: name,
    valid_until_ts: until,
    verify_keys: Object.fromEntries(current.map((each) => [`ed25519:${each}`, { key: keyOf(each).publicKey }])),
    old_verify_keys: Object.fromEntries(
      Object.entries(old).map(([each, expired]) => [
        `ed25519:${each}`,
        { key: keyOf(each).publicKey, expired_ts: expired },
      ]),
    ),
  };
  for (const each of by) answer = signJson(answer, server, keyOf(each));
  return answer;
}

/** Servers that answer, or don't, and a ring of their keys. */
export class KeyWorld {
  now = start;
  /** Who was asked, in order. */
  readonly asked: string[] = [];
  /** What servers say of themselves; undefined: they don't answer. */
  readonly servers: Record<string, JsonObject | undefined> = {};
  /** Whether a server, which isn't a notary, never answers: a call takes until it is given up, after 10 seconds. */
  isSilent = (_server: string): boolean => false;
  /** What notaries answer. */
  readonly notaries: Record<string, (wanted: JsonObject) => JsonObject[] | Promise<JsonObject[]>> = {};
  readonly notary: Notary;
  ring: FetchingKeyRing;
  readonly #newRing: () => FetchingKeyRing;

  private constructor(
    database: Database,
    config: Record<string, unknown>,
    mostServers: number | undefined,
    timers: Timers,
  ) {
    const { keys } = testConfig({ trusted_key_servers: [], ...config });
    const clock = { now: () => this.now, monotonic: () => this.now };
    const client = this.#client(timers);
    const parts = { serverName: 'us.test', config: keys, database, clock, timers, client, mostServers };
    this.#newRing = () => new FetchingKeyRing({ ...parts, onProblem: () => {} });
    this.ring = this.#newRing();
    this.notary = new Notary({ ...parts, keys: this.ring, own: new OwnKeys('us.test', keys, clock) });
  }

  /** `mostServers`: of how many keys are stored. */
  static async build(
    open: OpenTestDatabase,
    config: Record<string, unknown> = {},
    mostServers?: number,
    timers: Timers = systemTimers,
  ): Promise<KeyWorld> {
    return new KeyWorld(await open(serverKeysMigrations), config, mostServers, timers);
  }

  /** As after a restart. */
  again(): void {
    this.ring = this.#newRing();
  }

  async has(server: string, name = '1', at = this.now, enforceValidity = true): Promise<boolean> {
    const keyId = `ed25519:${name}`;
    return (await this.ring.keysFor([{ server, keyIds: [keyId], at, enforceValidity }]))(server, keyId) !== undefined;
  }

  #client(timers: Timers): FederationClient {
    return {
      call: async (destination: string, endpoint: Endpoint, input?: { body?: unknown }) => {
        const isNotary = endpoint.id === federation.bulkPerspectivesKeyQuery.id;
        this.asked.push(isNotary ? `notary ${destination}` : destination);
        if (!isNotary && this.isSilent(destination)) await timers.sleep(10_000);
        const notary = this.notaries[destination];
        const answer = isNotary
          ? notary && { server_keys: await notary(input?.body as JsonObject) }
          : this.servers[destination];
        if (!answer) throw new FederationError('unreachable', destination, 'nobody there');
        return structuredClone(answer) as never;
      },
      stream: () => Promise.reject(new Error('not here')),
    };
  }
}
