import type { Database } from '@myelin/database';
import { stateMapKey, type Pdu } from '@myelin/protocol';
import { memberKey, type Names, type StateKeyNid, type UserNid } from '../../names/index.ts';
import type { ResolutionScope } from '../../state-resolution/index.ts';
import type { UnplacedEvent } from '../../timeline/index.ts';
import type { CheckedPdu } from '../incoming-events.ts';

/** What is read of an event to name it. */
export type EventOutline = Pick<Pdu, 'type' | 'sender' | 'state_key' | 'depth' | 'origin_server_ts'>;

/** A checked event, as far as it is read here. */
export type OutlinedPdu = Pick<CheckedPdu, 'eventId' | 'json'> & { readonly pdu: EventOutline };

type UserNumbers = ReadonlyMap<string, UserNid>;
/** By `stateMapKey`. */
type StateKeyNumbers = ReadonlyMap<string, StateKeyNid>;

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

  async name(scope: ResolutionScope, pdus: readonly OutlinedPdu[]): Promise<UnplacedEvent[]> {
    const named: UnplacedEvent[] = [];
    for (let at = 0; at < pdus.length; at += batch)
      named.push(...(await this.#nameSome(scope, pdus.slice(at, at + batch))));
    return named;
  }

  async #nameSome(scope: ResolutionScope, pdus: readonly OutlinedPdu[]): Promise<UnplacedEvent[]> {
    const { users, stateKeys } = await this.#numbers(pdus);
    // Each parsed event has its own copy of each name; those that are kept share one.
    const types = new Map<string, string>();
    const named: UnplacedEvent[] = [];
    for (const checked of pdus) {
      const { pdu } = checked;
      const senderNid = users.get(pdu.sender) as UserNid;
      const sender = this.#names.cachedUserId(senderNid) ?? pdu.sender;
      if (!types.has(pdu.type)) types.set(pdu.type, pdu.type);
      named.push({
        eventId: checked.eventId,
        room: scope.room,
        roomId: scope.roomId,
        type: types.get(pdu.type) as string,
        senderNid,
        sender,
        stateKeyNid: numberOfStateKey(pdu, users, stateKeys),
        stateKey: pdu.state_key === pdu.sender ? sender : pdu.state_key,
        depth: pdu.depth,
        originServerTs: timeOf(pdu.origin_server_ts),
        json: checked.json,
      });
    }
    return named;
  }

  /** All that have none yet get one in one transaction. */
  async #numbers(pdus: readonly OutlinedPdu[]): Promise<{ users: UserNumbers; stateKeys: StateKeyNumbers }> {
    const wantedUsers = new Set<string>();
    const wantedKeys = new Map<string, { type: string; stateKey: string }>();
    for (const { pdu } of pdus) {
      const { type, sender, state_key: stateKey } = pdu;
      wantedUsers.add(sender);
      if (stateKey === undefined) continue;
      if (type === 'm.room.member') wantedUsers.add(stateKey);
      else wantedKeys.set(stateMapKey(type, stateKey), { type, stateKey });
    }
    const users = await this.#names.findUsers(wantedUsers);
    const stateKeys = new Map<string, StateKeyNid>();
    const missing = new Map(wantedKeys);
    for (const [key, { type, stateKey }] of wantedKeys) {
      const found = await this.#names.findStateKey(type, stateKey);
      if (found === undefined) continue;
      stateKeys.set(key, found);
      missing.delete(key);
    }
    if (users.size === wantedUsers.size && missing.size === 0) return { users, stateKeys };
    return this.#database.transact(async (writer) => {
      const added = new Map(stateKeys);
      for (const [key, { type, stateKey }] of missing)
        added.set(key, await this.#names.stateKey(writer, type, stateKey));
      return { users: await this.#names.users(writer, wantedUsers), stateKeys: added };
    });
  }
}

function numberOfStateKey(
  { type, state_key: stateKey }: EventOutline,
  users: UserNumbers,
  stateKeys: StateKeyNumbers,
): StateKeyNid | undefined {
  if (stateKey === undefined) return undefined;
  return type === 'm.room.member'
    ? memberKey(users.get(stateKey) as UserNid)
    : stateKeys.get(stateMapKey(type, stateKey));
}

/** Old room versions have times beyond what a column of the database holds as a number. */
function timeOf(value: unknown): number {
  const time = Number(value);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, time));
}
