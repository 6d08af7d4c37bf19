import type { Database } from '@myelin/database';
import { isServerName, type JsonObject } from '@myelin/protocol';
import type { Clock, Timers } from '@myelin/runtime';
import type { FetchingKeyRing } from './fetching-key-ring.ts';
import type { OwnKeys } from './own-keys.ts';
import { answersIn, asStored, shows, type StoredAnswer } from './store.ts';

/** What is asked of one server's keys: until when each must hold (ms), by key id; empty: all its keys, now. */
export type KeyCriteria = ReadonlyMap<string, number | undefined>;

export interface NotaryParts {
  readonly serverName: string;
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly keys: Pick<FetchingKeyRing, 'refresh'>;
  readonly own: OwnKeys;
}

/** Servers that one question may be about. */
export const mostServersAsked = 250;
/** Who asks waits no longer for servers that we have to ask ourselves. */
const longestWaitMs = 10_000;

/** Vouches for the keys of other servers. Server-Server API §"Querying keys through another server". */
export class Notary {
  readonly #parts: NotaryParts;

  constructor(parts: NotaryParts) {
    this.#parts = parts;
  }

  /** The servers' own answers with our signatures added; of those that can't be had, the last that they gave, if any. */
  async query(question: ReadonlyMap<string, KeyCriteria>): Promise<JsonObject[]> {
    const servers = [...question].filter(([server]) => isServerName(server)).slice(0, mostServersAsked);
    const answers = await Promise.all(servers.map(([server, criteria]) => this.#answersOf(server, criteria)));
    return answers.flat();
  }

  async #answersOf(server: string, criteria: KeyCriteria): Promise<JsonObject[]> {
    const { serverName, own, database, keys } = this.#parts;
    if (server === serverName) return [own.vouchFor(own.published())];
    let stored = await answersIn(database.reader, server);
    if (!this.#satisfies(stored, criteria)) {
      const given = await this.#inTime(keys.refresh(server));
      stored = await answersIn(database.reader, server);
      // There may be no room to store it.
      if (given && stored.length === 0) stored = asStored(given);
    }
    return chosen(stored, criteria).map((answer) => own.vouchFor(answer));
  }

  #satisfies(stored: readonly StoredAnswer[], criteria: KeyCriteria): boolean {
    const now = this.#parts.clock.now();
    if (criteria.size === 0) return stored.some(({ validUntil }) => validUntil >= now);
    return [...criteria].every(([keyId, until = now]) =>
      stored.some(({ validUntil, json }) => validUntil >= until && shows(json, keyId)),
    );
  }

  async #inTime<T>(work: Promise<T>): Promise<T | undefined> {
    const controller = new AbortController();
    const late = this.#parts.timers.sleep(longestWaitMs, controller.signal).then(
      () => undefined,
      () => undefined,
    );
    const done = await Promise.race([work, late]);
    controller.abort(new Error('no longer needed'));
    return done;
  }
}

/** For each key that is asked for the newest answer that shows it; without keys the newest one. Each answer once. */
function chosen(stored: readonly StoredAnswer[], criteria: KeyCriteria): JsonObject[] {
  const texts = new Map<string, JsonObject>();
  const add = (answer: StoredAnswer | undefined): void => {
    if (answer) texts.set(`${answer.validUntil} ${JSON.stringify(answer.json['signatures'])}`, answer.json);
  };
  if (criteria.size === 0) add(stored[0]);
  for (const keyId of criteria.keys()) add(stored.find(({ json }) => shows(json, keyId)));
  return [...texts.values()];
}
