import type { Database } from '@myelin/database';
import type { FindVerifyKey } from '@myelin/protocol';
import type { Clock, Timers } from '@myelin/runtime';
import { LRUCache } from 'lru-cache';
import type { KeysConfig } from '../../config/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import type { KeyAnswer } from './key-answer.ts';
import { KeyFetcher } from './key-fetcher.ts';
import type { KeyNeed, KeyRing, KeySet } from './key-ring.ts';
import { KeyLanes } from './key-lanes.ts';
import { holdsAt, newer, type KnownKey } from './known-key.ts';
import { NotaryClient } from './notary-client.ts';
import { ownVerifyKeys } from './own-keys.ts';
import { keysIn, mostKeysOfServer, putAnswer } from './store.ts';
import { StoredServers } from './stored-servers.ts';

export interface KeyRingParts {
  readonly serverName: string;
  readonly config: KeysConfig;
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly client: FederationClient;
  /** Of so many servers keys are stored; 50,000 if not given. */
  readonly mostServers?: number | undefined;
  /** A server's keys couldn't be had, or a notary didn't answer. */
  readonly onProblem: (serverName: string, reason: string) => void;
}

/** Keys kept in memory, of all servers. */
const mostKeys = 100_000;
/** Callers wait no longer for keys; what comes later is there the next time. */
const longestWaitMs = 15_000;
/** So few servers are asked themselves before a notary is; for more, notaries save us knocking at many doors. */
const fewServers = 3;
/** Who was asked first is waited for so long (ms), then the others are asked beside it. */
const patience = { servers: 3_000, notaries: 6_000 };
/** Notaries ask the silent servers in turn. */
const notaryLanes = { known: 10, strangers: 10 };

type Keys = ReadonlyMap<string, KnownKey>;
/** Until when each key must hold, in ms; 0 where that doesn't matter. */
type Wants = Map<string, Map<string, number>>;

/** Keys in memory, then from the database, then from the servers themselves and from notaries. */
export class FetchingKeyRing implements KeyRing {
  readonly #parts: KeyRingParts;
  readonly #own: Keys;
  readonly #known = new LRUCache<string, Keys>({ maxSize: mostKeys, sizeCalculation: (keys) => keys.size + 1 });
  readonly #fetcher: KeyFetcher;
  readonly #stored: StoredServers;
  readonly #notaries: readonly NotaryClient[];
  readonly #notaryLanes: KeyLanes;

  constructor(parts: KeyRingParts) {
    this.#parts = parts;
    this.#own = ownVerifyKeys(parts.config);
    this.#stored = new StoredServers(parts.clock, parts.mostServers);
    this.#fetcher = new KeyFetcher({ ...parts, onAnswer: (answer) => this.#learn([answer]) });
    this.#notaryLanes = new KeyLanes(parts.timers, notaryLanes);
    this.#notaries = parts.config.trustedKeyServers
      .filter(({ serverName }) => serverName !== parts.serverName)
      .map((server) => new NotaryClient(server, parts));
  }

  async keysFor(needs: Iterable<KeyNeed>): Promise<FindVerifyKey> {
    const all = [...needs];
    const keys = await this.#gather(all);
    const times = new Map<string, number[]>();
    for (const { server, at, enforceValidity } of all) {
      if (enforceValidity) times.set(server, [...(times.get(server) ?? []), at]);
    }
    return (server, keyId) => {
      const known = keys.get(server)?.get(keyId);
      return known && (times.get(server) ?? []).every((time) => holdsAt(known, time)) ? known.key : undefined;
    };
  }

  async keySetFor(needs: Iterable<KeyNeed>): Promise<KeySet> {
    const keys = await this.#gather([...needs]);
    return {
      at: (time, enforceValidity) => (server, keyId) => {
        const known = keys.get(server)?.get(keyId);
        return known && (!enforceValidity || holdsAt(known, time)) ? known.key : undefined;
      },
    };
  }

  /** Asks the server itself whatever is known of it; undefined if it doesn't answer, or was asked a moment ago. */
  async refresh(serverName: string): Promise<KeyAnswer | undefined> {
    await this.#load([serverName]);
    return this.#fetcher.fetch(serverName, this.#isKnown(serverName));
  }

  async #gather(needs: readonly KeyNeed[]): Promise<ReadonlyMap<string, Keys>> {
    const wants = wantsOf(needs);
    const keys = new Map<string, Keys>();
    if (wants.delete(this.#parts.serverName)) keys.set(this.#parts.serverName, this.#own);
    await this.#load([...wants.keys()]);
    const missing = this.#missing(wants);
    if (missing.size > 0) await this.#inTime(this.#fetch(missing));
    for (const server of wants.keys()) keys.set(server, this.#known.get(server) ?? new Map());
    return keys;
  }

  async #load(servers: readonly string[]): Promise<void> {
    const unknown = servers.filter((server) => !this.#known.has(server));
    for (let from = 0; from < unknown.length; from += 500) {
      const some = unknown.slice(from, from + 500);
      const stored = await keysIn(this.#parts.database.reader, some);
      for (const server of some) this.#merge(server, stored.get(server) ?? new Map());
    }
  }

  /** What is wanted and isn't there, or may have been prolonged meanwhile. */
  #missing(wants: Wants): Wants {
    const missing: Wants = new Map();
    for (const [server, keyIds] of wants) {
      const known = this.#known.get(server);
      const lacking = [...keyIds].filter(([keyId, until]) => {
        const key = known?.get(keyId);
        return !key || (!key.isOld && !holdsAt(key, until));
      });
      if (lacking.length > 0) missing.set(server, new Map(lacking));
    }
    return missing;
  }

  /**
   * Whether there are keys of it, whatever they are worth now; it has to be loaded. Names of servers that are gone are
   * there for everybody to see: those aren't to take the places of the others.
   */
  #isKnown(server: string): boolean {
    return (this.#known.get(server)?.size ?? 0) > 0 && !this.#fetcher.failedLast(server);
  }

  async #fetch(wants: Wants): Promise<void> {
    if (this.#notaries.length === 0) return this.#fetchDirectly(wants);
    const areFew = wants.size <= fewServers;
    const first = areFew ? this.#fetchDirectly(wants) : this.#askNotaries(wants);
    await this.#wait(first, areFew ? patience.servers : patience.notaries);
    const missing = this.#missing(wants);
    const both = [first, areFew ? this.#askNotaries(missing) : this.#fetchDirectly(missing)];
    await Promise.race(both);
    if (this.#missing(wants).size > 0) await Promise.all(both);
  }

  async #fetchDirectly(wants: Wants): Promise<void> {
    await Promise.all([...wants.keys()].map((server) => this.#fetcher.fetch(server, this.#isKnown(server))));
  }

  /** Keys of known servers don't wait for what a notary finds out of strangers. */
  async #askNotaries(wants: Wants): Promise<void> {
    const parts = [true, false].map((isKnown) => {
      const part = new Map([...wants].filter(([server]) => this.#isKnown(server) === isKnown));
      return this.#askNotariesInTurn(part, isKnown);
    });
    await Promise.all(parts);
  }

  async #askNotariesInTurn(wants: Wants, isKnown: boolean): Promise<void> {
    const [server] = wants.keys();
    if (server === undefined) return;
    const { clock } = this.#parts;
    const begin = clock.monotonic();
    const release = await this.#notaryLanes.ask(server, isKnown).place;
    if (!release) return;
    try {
      if (clock.monotonic() - begin > longestWaitMs) return;
      // Meanwhile they may have come.
      let left = this.#missing(wants);
      for (const notary of this.#notaries) {
        if (left.size === 0) return;
        await this.#learn(await notary.ask(left));
        left = this.#missing(left);
      }
    } finally {
      release();
    }
  }

  async #learn(answers: readonly KeyAnswer[]): Promise<void> {
    if (answers.length === 0) return;
    await this.#load(answers.map(({ serverName }) => serverName));
    for (const { serverName, keys, supersedes } of answers) this.#merge(serverName, keys, supersedes);
    await this.#parts.database.transact(async (writer) => {
      for (const answer of answers)
        if (await this.#stored.hasRoomFor(writer, answer.serverName)) await putAnswer(writer, answer);
    });
  }

  #merge(server: string, more: Keys, supersedes = false): void {
    const keys = new Map(this.#known.get(server));
    for (const [keyId, key] of more) {
      const before = keys.get(keyId);
      keys.set(keyId, before && !supersedes ? newer(before, key) : key);
    }
    const kept = [...keys].toSorted(([, a], [, b]) => b.answeredUntil - a.answeredUntil).slice(0, mostKeysOfServer);
    this.#known.set(server, new Map(kept));
  }

  async #inTime(work: Promise<void>): Promise<void> {
    const { onProblem } = this.#parts;
    await this.#wait(
      work.catch((error: unknown) => onProblem('', (error as Error).message)),
      longestWaitMs,
    );
  }

  /** Until it is done, or for `ms` milliseconds. */
  async #wait(work: Promise<void>, ms: number): Promise<void> {
    const controller = new AbortController();
    const late = this.#parts.timers.sleep(ms, controller.signal).catch(() => {});
    await Promise.race([work, late]).finally(() => controller.abort(new Error('no longer needed')));
  }
}

function wantsOf(needs: readonly KeyNeed[]): Wants {
  const wants: Wants = new Map();
  for (const { server, keyIds, at, enforceValidity } of needs) {
    let ofServer = wants.get(server);
    if (!ofServer) wants.set(server, (ofServer = new Map()));
    for (const keyId of keyIds) {
      const until = enforceValidity ? at : 0;
      ofServer.set(keyId, Math.max(ofServer.get(keyId) ?? 0, until));
    }
  }
  return wants;
}
