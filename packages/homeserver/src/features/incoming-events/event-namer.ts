import type { Database } from '@myelin/database';
import { memberKey, type Names, type StateKeyNid, type UserNid } from '../names/index.ts';
import type { ResolutionScope } from '../state-resolution/index.ts';
import type { UnplacedEvent } from '../timeline/index.ts';
import type { CheckedPdu } from './incoming-events.ts';

/** So many events get their names' numbers in one transaction. */
const batch = 1_000;

/** Gives events of others the numbers of their names. */
export class EventNamer {
  readonly #database: Database;
  readonly #names: Names;

  constructor(database: Database, names: Names) {
    this.#database = database;
    this.#names = names;
  }

  async name(scope: ResolutionScope, pdus: readonly CheckedPdu[]): Promise<UnplacedEvent[]> {
    const named: UnplacedEvent[] = [];
    for (let at = 0; at < pdus.length; at += batch)
      named.push(...(await this.#nameSome(scope, pdus.slice(at, at + batch))));
    return named;
  }

  async #nameSome(scope: ResolutionScope, pdus: readonly CheckedPdu[]): Promise<UnplacedEvent[]> {
    const users = await this.#users(pdus);
    const named: UnplacedEvent[] = [];
    for (const checked of pdus) {
      const { pdu } = checked;
      named.push({
        eventId: checked.eventId,
        room: scope.room,
        roomId: scope.roomId,
        type: pdu.type,
        senderNid: users.get(pdu.sender) as UserNid,
        sender: pdu.sender,
        stateKeyNid: pdu.state_key === undefined ? undefined : await this.#stateKey(pdu.type, pdu.state_key, users),
        stateKey: pdu.state_key,
        depth: pdu.depth,
        originServerTs: timeOf(pdu.origin_server_ts),
        json: checked.json,
      });
    }
    return named;
  }

  async #users(pdus: readonly CheckedPdu[]): Promise<Map<string, UserNid>> {
    const wanted = new Set<string>();
    for (const { pdu } of pdus) {
      wanted.add(pdu.sender);
      if (pdu.type === 'm.room.member' && pdu.state_key !== undefined) wanted.add(pdu.state_key);
    }
    const known = await this.#names.findUsers(wanted);
    if (known.size === wanted.size) return known;
    return this.#database.transact((writer) => this.#names.users(writer, wanted));
  }

  async #stateKey(type: string, stateKey: string, users: ReadonlyMap<string, UserNid>): Promise<StateKeyNid> {
    if (type === 'm.room.member') return memberKey(users.get(stateKey) as UserNid);
    return (
      (await this.#names.findStateKey(type, stateKey)) ??
      (await this.#database.transact((writer) => this.#names.stateKey(writer, type, stateKey)))
    );
  }
}

/** Old room versions have times beyond what a column of the database holds as a number. */
function timeOf(value: unknown): number {
  const time = Number(value);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, time));
}
