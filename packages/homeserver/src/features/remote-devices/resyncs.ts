import { federation } from '@myelin/api';
import type { Database } from '@myelin/database';
import { parseUserId } from '@myelin/protocol';
import type { Cancellable, Clock, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { DeviceListLog } from '../encryption-keys/index.ts';
import { FederationError, type FederationClient } from '../federation-client/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import { readUserDevices } from './device-answers.ts';
import type { RemoteDeviceLists } from './remote-device-lists.ts';
import type { DueResync, RemoteDeviceStore } from './remote-device-store.ts';
import type { SharedRooms } from './shared-rooms.ts';

export interface ResyncsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly names: Names;
  readonly client: FederationClient;
  readonly store: RemoteDeviceStore;
  readonly lists: RemoteDeviceLists;
  readonly changes: DeviceListLog;
  readonly shared: SharedRooms;
}

/** Lists that are looked at in one round, and servers that are asked at once, each for one list after another. */
const roundSize = 200;
const serversAtOnce = 10;
/** After a list was asked for, it isn't asked for again so soon; then after failures. In milliseconds. */
const pauseMs = 5_000;
const firstRetryMs = 60_000;
const longestRetryMs = 24 * 3_600_000;
/** How often it is looked whether lists are due, in milliseconds. */
const lookEveryMs = 30_000;
const answerTimeoutMs = 30_000;
export const largestAnswer = 32 * 1024 * 1024;

/** Asks for the lists of devices in which updates are missing, until they are had; goes on after a restart. */
export class Resyncs {
  readonly #parts: ResyncsParts;
  readonly #regular: Cancellable;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;

  constructor(parts: ResyncsParts) {
    this.#parts = parts;
    this.#regular = parts.timers.every(lookEveryMs, () => this.wake());
    parts.lists.onGap(() => this.wake());
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#run()
      .catch((err: unknown) => this.#parts.log.warn({ err }, 'lists of devices could not be asked for'))
      .finally(() => {
        this.#running = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.wake();
      });
  }

  /** Resolves when all that was due has been asked for. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async stop(): Promise<void> {
    this.#regular.cancel();
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, store, names } = this.#parts;
    for (;;) {
      const due = await store.dueResyncs(clock.now(), roundSize);
      if (due.length === 0 || this.#stopping.signal.aborted) return;
      const userIds = await names.userIds(due.map(({ user }) => user));
      const queues = [
        ...Map.groupBy(due, ({ user }) => parseUserId(userIds.get(user) as string)?.serverName ?? '').entries(),
      ];
      const worker = async (): Promise<void> => {
        for (let next = queues.shift(); next; next = queues.shift()) await this.#askServer(...next, userIds);
      };
      await Promise.all(Array.from({ length: serversAtOnce }, worker));
    }
  }

  async #askServer(server: string, due: readonly DueResync[], userIds: ReadonlyMap<UserNid, string>): Promise<void> {
    let failure: FederationError | undefined;
    for (const each of due) {
      if (this.#stopping.signal.aborted) return;
      // A server that can't be reached now isn't asked for the others either.
      if (!failure) failure = await this.#ask(server, each, userIds.get(each.user) as string);
      else await this.#putOff(each);
      if (failure?.kind === 'refused' || failure?.kind === 'bad-answer') failure = undefined;
    }
  }

  async #ask(server: string, due: DueResync, userId: string): Promise<FederationError | undefined> {
    const { lists, shared, client } = this.#parts;
    if (!(await shared.sharesRoom(due.user))) {
      await lists.forgetStrangers([due.user]);
      return undefined;
    }
    const asking = lists.beginAsking([due.user]);
    try {
      const answer = await client.call(
        server,
        federation.getUserDevices,
        { params: { userId } },
        { timeoutMs: answerTimeoutMs, maxBytes: largestAnswer, retries: 'none', signal: this.#stopping.signal },
      );
      const read = readUserDevices(userId, answer);
      if (!read) throw new FederationError('bad-answer', server, 'The list of devices is another user’s');
      await this.#finish(due, read);
      return undefined;
    } catch (error) {
      if (this.#stopping.signal.aborted) return undefined;
      if (!(error instanceof FederationError)) throw error;
      await this.#putOff(due);
      return error;
    } finally {
      asking.end();
    }
  }

  async #finish(due: DueResync, read: NonNullable<ReturnType<typeof readUserDevices>>): Promise<void> {
    const { database, store, lists, changes, clock } = this.#parts;
    await database.transact(async (writer) => {
      await lists.keep(writer, due.user, read.keys, read.streamId);
      const isDone = await store.finishResync(writer, due, clock.now() + pauseMs);
      if (!isDone) await store.putList(writer, { user: due.user, streamId: read.streamId, isStale: true });
      // Also if it is as it was: updates were missed, so clients may have heard of some that were taken back.
      await changes.changed(writer, due.user);
    });
  }

  async #putOff(due: DueResync): Promise<void> {
    const { database, store, clock } = this.#parts;
    const wait = Math.min(firstRetryMs * 2 ** Math.min(due.failures, 30), longestRetryMs);
    await database.transact((writer) => store.putOffResync(writer, due, clock.now() + wait));
  }
}
