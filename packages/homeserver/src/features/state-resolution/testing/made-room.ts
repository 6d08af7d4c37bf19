import type { Database } from '@myelin/database';
import { roomVersion, type RoomVersion } from '@myelin/protocol';
import { AuthGraph } from '../../auth-graph/index.ts';
import type { Events } from '../../events/index.ts';
import type { EventNid, StateKeyNid } from '../../names/index.ts';
import type { StateMaps, StateRoot } from '../../state-map/index.ts';
import type { AuthDifferenceParts } from '../auth-difference-parts.ts';
import { AuthDifference } from '../auth-difference.ts';
import { conflictedSubgraph } from '../conflicted-subgraph.ts';
import { differencesOf, type Differences } from '../differences.ts';
import { IndexedView } from '../indexed-view.ts';

/** An event is its number; of each, its state key and its auth events, which have smaller numbers. */
export interface MadeEvent {
  readonly key: number;
  readonly auth: readonly number[];
}

/** A room's auth events in a database, its states as lists in memory. Event 0 isn't one. */
export class MadeRoom {
  graph: AuthGraph;
  maxEvents = 100_000;
  longSearch = 1_000;
  /** How many events were looked up, by their auth events or by what rests on them. */
  looked = 0;
  readonly #database: Database;
  readonly #base: number;
  readonly #events: MadeEvent[] = [];

  /** `base`: what the numbers are larger by in the database, so that several rooms have place in one. */
  constructor(database: Database, base = 0) {
    this.#database = database;
    this.#base = base;
    this.graph = this.#unread();
  }

  /**
   * Stores events and adds them to the graph, the first `lots[0]` together, then the next `lots[1]`, and so on round. Resolves to
   * the number of the first. After a lot of one, the server is started anew; after one of two, they are added again.
   */
  async store(events: readonly MadeEvent[], lots: readonly number[] = [1_000]): Promise<number> {
    const start = this.#events.length;
    for (let i = 0; events.length > 0; i++) {
      const lot = events.slice(0, lots[i % lots.length]);
      events = events.slice(lot.length);
      const first = this.#events.push(...lot) - lot.length;
      const edges = lot.map(({ key, auth }, at) => ({
        event: this.nid(first + at),
        stateKey: key as StateKeyNid,
        authEvents: auth.map((each) => this.nid(each)),
        isNew: true,
      }));
      const again = edges.map((each) => ({ ...each, isNew: false }));
      await this.#database.transact(async (writer) => {
        const rows = lot.map(({ key }, at) => [
          this.#base + first + at,
          0,
          0,
          key,
          0,
          0,
          0,
          0,
          0,
          0,
          idOf(this.#base + first + at),
          0,
          0,
          '',
        ]);
        await writer.insert('events', eventColumns, rows);
        await this.graph.addMany(writer, edges);
      });
      if (lot.length === 1) this.restart();
      if (lot.length === 2) await this.#database.transact((writer) => this.graph.addMany(writer, again));
    }
    return start;
  }

  nid(event: number): EventNid {
    return (this.#base + event) as EventNid;
  }

  /** `pending`: an event with the next number, which isn't stored yet. */
  #parts(pending?: MadeEvent): AuthDifferenceParts {
    const next = this.nid(this.#events.length);
    return {
      graph: this.graph,
      version: roomVersion('11') as RoomVersion,
      reader: undefined,
      pending: new Map(pending ? [[next, pending.auth.map((each) => this.nid(each))]] : []),
      stateKeyOf: async (nid) => (nid === next ? pending : this.#events[nid - this.#base])?.key as StateKeyNid,
      maxEvents: this.maxEvents,
      longSearch: this.longSearch,
      pause: async () => {},
    };
  }

  async difference(states: readonly ReadonlyMap<number, number>[], pending?: MadeEvent): Promise<number[]> {
    const at = (root: number, key: number): EventNid | undefined => {
      const event = states[root]?.get(key);
      return event === undefined ? undefined : this.nid(event);
    };
    const maps = {
      get: async (root: number, key: number) => at(root, key),
      entries: async (root: number) => new Map([...(states[root] ?? [])].map(([key, event]) => [key, this.nid(event)])),
      diff: async (a: number, b: number) => {
        const keys = new Set([...(states[a]?.keys() ?? []), ...(states[b]?.keys() ?? [])]);
        return [...keys].map((key) => ({ key, before: at(a, key), after: at(b, key) }));
      },
    } as unknown as StateMaps;
    const views = states.map((_state, root) => {
      return new IndexedView({ root: root as StateRoot, changes: [] }, maps, undefined);
    });
    const differences = (await differencesOf(views, maps, undefined)) as Differences;
    const found = await new AuthDifference(views, differences, this.#parts(pending)).find();
    return found.map((nid) => nid - this.#base);
  }

  async subgraph(conflicted: readonly number[], pending?: MadeEvent): Promise<number[]> {
    const nids = conflicted.map((event) => this.nid(event));
    return [...(await conflictedSubgraph(nids, this.#parts(pending)))].map((nid) => nid - this.#base);
  }

  /** Forgets what is in memory, as a server that is started anew. */
  restart(): void {
    this.graph = this.#unread();
  }

  #unread(): AuthGraph {
    const events = {
      getMany: async (nids: readonly EventNid[]) =>
        new Map(
          nids.map((nid) => {
            this.looked++;
            const auth = this.#events[nid - this.#base]?.auth ?? [];
            return [nid, { unredactedPdu: { auth_events: auth.map((each) => `$${this.nid(each)}`) } }];
          }),
        ),
      findNids: async (ids: readonly string[]) => new Map(ids.map((id) => [id, Number(id.slice(1))])),
    };
    return new AuthGraph(this.#database, events as unknown as Events);
  }
}

const eventColumns =
  'nid room type state_key sender depth origin_server_ts state_before state_after status event_id content_start content_end json'.split(
    ' ',
  );

function idOf(nid: number): Uint8Array {
  return new TextEncoder().encode(`$${nid}`);
}
