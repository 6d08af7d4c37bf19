import { federation } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { Clock } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { KeyClaim, KeyQuery, RemoteClaimAnswer, RemoteKeyAnswer, RemoteKeys } from '../encryption-keys/index.ts';
import { FederationError, type CallOptions, type FederationClient } from '../federation-client/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import { readClaim } from './claim-answers.ts';
import { readKeys, readUserDevices } from './device-answers.ts';
import type { RemoteDeviceLists } from './remote-device-lists.ts';
import type { CheckedKeys } from './remote-key-checks.ts';
import { largestAnswer } from './resyncs.ts';
import type { SharedRooms } from './shared-rooms.ts';

export interface FederatedKeysParts {
  readonly database: Database;
  readonly names: Names;
  readonly client: FederationClient;
  readonly lists: RemoteDeviceLists;
  readonly shared: SharedRooms;
  readonly log: Log;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Servers that one request asks at once, and at all; beyond these they are failures. */
const serversAtOnce = 50;
const mostServers = 1_000;
/** Who doesn't answer within so many milliseconds is left alone for a while. */
const fairTime = 5_000;
/** As few users are asked for one by one, which tells where their updates go on; more at once. */
const fewUsers = 4;
/** Users in one question. */
const mostUsersAtOnce = 250;

/** Lists that are written side by side. */
const keptAtOnce = 25;

/** What a request gathers from many servers. */
interface Gathered {
  readonly deviceKeys: Map<string, ReadonlyMap<string, string>>;
  readonly masterKeys: Map<string, { readonly publicKey: string; readonly text: string }>;
  readonly selfSigningKeys: Map<string, string>;
  readonly failures: Record<string, Readonly<Record<string, unknown>>>;
}

/** Keys of other servers' users: from the lists that are kept, the others from their servers. */
export class FederatedKeys implements RemoteKeys {
  readonly #parts: FederatedKeysParts;

  constructor(parts: FederatedKeysParts) {
    this.#parts = parts;
  }

  async query(byServer: ReadonlyMap<string, KeyQuery>, timeoutMs: number): Promise<RemoteKeyAnswer> {
    const end = this.#parts.clock.monotonic() + timeoutMs;
    const found: Gathered = { deviceKeys: new Map(), masterKeys: new Map(), selfSigningKeys: new Map(), failures: {} };
    await this.#eachServer(byServer, found.failures, (server, query) => this.#query(server, query, end, found));
    return found;
  }

  async claim(byServer: ReadonlyMap<string, KeyClaim>, timeoutMs: number): Promise<RemoteClaimAnswer> {
    const end = this.#parts.clock.monotonic() + timeoutMs;
    const oneTimeKeys = new Map<string, readonly string[]>();
    const failures = {};
    await this.#eachServer(byServer, failures, async (server, claim) => {
      const answer = await this.#parts.client.call(
        server,
        federation.claimUserEncryptionKeys,
        { body: { one_time_keys: claim as Record<string, Record<string, string>> } },
        // A second try could take second keys.
        this.#options(server, end),
      );
      for (const [userId, devices] of Object.entries(claim)) {
        const texts = readClaim(userId, devices, answer);
        if (texts.length > 0) oneTimeKeys.set(userId, texts);
      }
    });
    return { oneTimeKeys, failures };
  }

  async #eachServer<T>(
    byServer: ReadonlyMap<string, T>,
    failures: Record<string, unknown>,
    ask: (server: string, question: T) => Promise<void>,
  ): Promise<void> {
    const servers = [...byServer];
    for (const [server] of servers.splice(mostServers))
      failures[server] = { status: 503, message: 'Too many servers in one request' };
    const next = servers[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      for (const [server, question] of next) {
        await ask(server, question).catch((error: unknown) => {
          if (!(error instanceof FederationError)) this.#parts.log.error({ err: error }, 'keys could not be had');
          failures[server] = failureOf(error);
        });
      }
    };
    await Promise.all(Array.from({ length: Math.min(serversAtOnce, servers.length) }, worker));
  }

  async #query(server: string, query: KeyQuery, end: number, found: Gathered): Promise<void> {
    const { names, lists, shared } = this.#parts;
    const nids = await names.findUsers(Object.keys(query));
    const known = await lists.known([...nids.values()]);
    const toKeep = new Map<string, UserNid>();
    const toPass: Record<string, readonly string[]> = {};
    for (const [userId, deviceIds] of Object.entries(query)) {
      const nid = nids.get(userId);
      const list = nid === undefined ? undefined : known.get(nid);
      const isShared = nid !== undefined && (await shared.sharesRoom(nid));
      if (list && isShared) {
        // What is known is better than nothing if the server can't be asked.
        add(found, userId, deviceIds, list);
        if (!list.isStale) continue;
      }
      if (isShared) toKeep.set(userId, nid);
      else toPass[userId] = deviceIds;
    }
    if (toKeep.size > 0) await this.#fetchToKeep(server, query, toKeep, end, found);
    for (const part of slices(Object.entries(toPass), mostUsersAtOnce)) {
      const answer = await this.#ask(server, Object.fromEntries(part), end);
      for (const [userId, deviceIds] of part) add(found, userId, deviceIds, readKeys(userId, answer));
    }
  }

  /** The whole lists of users with whom a room is shared. */
  async #fetchToKeep(
    server: string,
    query: KeyQuery,
    users: ReadonlyMap<string, UserNid>,
    end: number,
    found: Gathered,
  ): Promise<void> {
    const rest = new Map(users);
    if (users.size <= fewUsers) {
      await Promise.all(
        [...users].map(async ([userId, nid]) => {
          const keys = await this.#fetchOne(server, userId, nid, end);
          if (!keys) return;
          rest.delete(userId);
          add(found, userId, query[userId] ?? [], keys);
        }),
      );
    }
    for (const part of slices([...rest], mostUsersAtOnce)) {
      const asking = this.#parts.lists.beginAsking(part.map(([, nid]) => nid));
      try {
        const answer = await this.#ask(server, Object.fromEntries(part.map(([userId]) => [userId, []])), end);
        const read = part.map(([userId, nid]) => ({ userId, nid, keys: readKeys(userId, answer) }));
        for (const { userId, keys } of read) add(found, userId, query[userId] ?? [], keys);
        await this.#keep(
          read.filter(({ nid }) => !asking.hasChanged(nid)).map((each) => ({ ...each, streamId: undefined })),
        );
      } finally {
        asking.end();
      }
    }
  }

  /** Undefined if the server doesn't serve it. */
  async #fetchOne(server: string, userId: string, nid: UserNid, end: number): Promise<CheckedKeys | undefined> {
    const { client, lists } = this.#parts;
    const asking = lists.beginAsking([nid]);
    try {
      const answer = await client.call(
        server,
        federation.getUserDevices,
        { params: { userId } },
        this.#options(server, end),
      );
      const read = readUserDevices(userId, answer);
      if (!read) return undefined;
      if (!asking.hasChanged(nid)) await this.#keep([{ nid, ...read }]);
      return read.keys;
    } catch (error) {
      if (error instanceof FederationError && error.kind !== 'refused' && error.kind !== 'bad-answer') throw error;
      if (error instanceof FederationError) return undefined;
      throw error;
    } finally {
      asking.end();
    }
  }

  async #keep(
    all: readonly { readonly nid: UserNid; readonly keys: CheckedKeys; readonly streamId: number | undefined }[],
  ): Promise<void> {
    const { database, lists } = this.#parts;
    for (const part of slices(all, keptAtOnce)) {
      await Promise.all(
        part.map(({ nid, keys, streamId }) => database.transact((writer) => lists.keep(writer, nid, keys, streamId))),
      );
    }
  }

  /** All of them together have until `end`, by the monotonic clock. Throws FederationError if that is over. */
  #options(server: string, end: number): CallOptions {
    const left = end - this.#parts.clock.monotonic();
    if (left <= 0) throw new FederationError('unreachable', server, 'There is no time left to ask it');
    // That it didn't answer at once, as a client may want it, says nothing of it.
    const forgetsFailure = left < fairTime;
    return { longestMs: left, maxBytes: largestAnswer, retries: 'none', forgetsFailure };
  }

  #ask(server: string, query: KeyQuery, end: number) {
    return this.#parts.client.call(
      server,
      federation.queryUserEncryptionKeys,
      { body: { device_keys: query as Record<string, string[]> } },
      this.#options(server, end),
    );
  }
}

function add(found: Gathered, userId: string, deviceIds: readonly string[], keys: CheckedKeys): void {
  const devices =
    deviceIds.length === 0
      ? keys.devices
      : new Map([...keys.devices].filter(([deviceId]) => deviceIds.includes(deviceId)));
  found.deviceKeys.set(userId, devices);
  if (keys.master) found.masterKeys.set(userId, keys.master);
  if (keys.selfSigning) found.selfSigningKeys.set(userId, keys.selfSigning.text);
}

function* slices<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** Worded as Synapse does. */
function failureOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof FederationError)) return { status: 503, message: 'The keys could not be had' };
  if (error.kind === 'backing-off') return { status: 503, message: 'Not ready for retry' };
  if (error.kind === 'refused') return { status: error.status ?? 503, ...(error.code ? { errcode: error.code } : {}) };
  return { status: 503, message: error.kind === 'not-allowed' ? 'Federation denied' : 'The server did not answer' };
}
