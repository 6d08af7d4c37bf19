import { openReadOnly, type DatabaseOptions, type ReadOnlyDatabase } from '@myelin/database';
import { ResolutionBudgetError, roomVersion, type RoomVersion } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import { AuthGraph, type AddedToChains } from '../../auth-graph/index.ts';
import { Counters } from '../../counters/index.ts';
import { Events, StoredEvent } from '../../events/index.ts';
import { Names, type EventNid } from '../../names/index.ts';
import { StateMaps } from '../../state-map/index.ts';
import { PowerLevelTree } from '../power-level-tree.ts';
import { ResolutionRun } from '../resolution-run.ts';
import type { FromThread, ResolutionJob } from './messages.ts';
import { tellingPause } from './telling-pause.ts';

const megabyte = 1024 * 1024;

/** The next resolution of a room looks at nearly the same events. */
const eventBytes = 16 * megabyte;
const mapBytes = 4 * megabyte;

/** Resolves with a connection and caches of its own, from what is durable. */
export class ResolutionDesk {
  readonly #database: ReadOnlyDatabase;
  readonly #names: Names;
  readonly #events: Events;
  readonly #maps: StateMaps;
  readonly #graph: AuthGraph;
  readonly #levels = new PowerLevelTree();

  private constructor(database: ReadOnlyDatabase, names: Names, events: Events, maps: StateMaps) {
    this.#database = database;
    this.#names = names;
    this.#events = events;
    this.#maps = maps;
    this.#graph = new AuthGraph(database, events);
  }

  static async open(options: DatabaseOptions): Promise<ResolutionDesk> {
    const database = await openReadOnly(options, systemRuntime);
    const counters = Counters.empty(database);
    const names = await Names.open(database, counters);
    const events = await Events.open(database, counters, names, eventBytes);
    return new ResolutionDesk(database, names, events, await StateMaps.open(database, counters, mapBytes));
  }

  /** A stored event is other than it was. */
  forget(event: EventNid): void {
    this.#events.forget(event);
  }

  /** The index of auth chains has grown. */
  noteChained({ chains, linkedTo }: AddedToChains): void {
    this.#graph.chains.noteAdded(chains, linkedTo);
  }

  /** `onWork` is called about once a second until there is the answer. Throws if the database doesn't answer. */
  async answer(id: number, job: ResolutionJob, onWork: () => void): Promise<FromThread> {
    const { room, roomId, states, pending, maxEvents, lacksMembers } = job;
    const version = roomVersion(job.version) as RoomVersion;
    const parts = {
      names: this.#names,
      events: this.#events,
      maps: this.#maps,
      levels: this.#levels,
      graph: this.#graph,
      maxEvents,
      lacksMembers,
      pause: tellingPause(systemRuntime, onWork),
    };
    const unstored = pending.map((fields) => new StoredEvent(fields));
    // What the states are made of was committed before they were asked about.
    this.#database.renew();
    try {
      const run = new ResolutionRun(parts, { room, roomId, version }, states, unstored, undefined);
      return { id, result: await run.run() };
    } catch (error) {
      if (error instanceof ResolutionBudgetError) return { id, overBudget: error.maxEvents };
      throw error;
    } finally {
      // An old snapshot keeps SQLite's log from going.
      this.#database.renew();
    }
  }
}
