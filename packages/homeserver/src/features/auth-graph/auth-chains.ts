import { sql, type Database, type Reader, type Sql } from '@myelin/database';
import { LRUCache } from 'lru-cache';
import { boundedCache } from '../../caches/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';

/** A chain has the number of its first event. */
export type ChainNid = EventNid;

/** Where an event of one chain rests on one of another. */
export interface ChainLink {
  readonly chain: ChainNid;
  readonly event: EventNid;
  readonly toChain: ChainNid;
  readonly to: EventNid;
}

/** A link, seen from where it leads to; with the state key of the chain that it comes from. */
export interface Citation extends ChainLink {
  readonly stateKey: StateKeyNid;
}

/** Events that have come into chains, and chains that links have come to. */
export interface AddedToChains {
  readonly chains: readonly (readonly [EventNid, ChainNid])[];
  readonly linkedTo: readonly ChainNid[];
}

/** So many links are read at a time. */
const citationPage = 200;
/** The links into chains that have no more are read together. */
const fewLinks = 8;
/** Cached links, in all: of a room of 20,000 members in dispute there are about as many. */
const mostCitations = 200_000;

/**
 * The auth events of a room as chains: the events of a state key that rest on one another are one, and links lead from
 * chain to chain. Events of a chain lead to all that come before them there, so an event leads to another if links and
 * chains do (a "chain cover"). Inside a chain, numbers stand for places: they grow along it.
 */
export class AuthChains {
  readonly #database: Database;
  readonly #chains = boundedCache<EventNid, ChainNid>(200_000);
  /** The links into a chain that lead to its newest events: the first page. */
  readonly #citations = new LRUCache<ChainNid, readonly Citation[]>({
    maxSize: mostCitations,
    sizeCalculation: (page) => page.length + 1,
  });
  /** Grows with each change, so that what was read before a change isn't cached after it. */
  #changes = 0;
  readonly #listeners: ((added: AddedToChains) => void)[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /** These events and links are durable now. */
  noteAdded(chains: Iterable<readonly [EventNid, ChainNid]>, linkedTo: Iterable<ChainNid>): void {
    this.#changes++;
    for (const [event, chain] of chains) this.#chains.set(event, chain);
    for (const chain of linkedTo) this.#citations.delete(chain);
    if (this.#listeners.length === 0) return;
    const added = { chains: [...chains], linkedTo: [...linkedTo] };
    for (const listener of this.#listeners) listener(added);
  }

  /** `listener` is told what `noteAdded` is told. */
  onAdded(listener: (added: AddedToChains) => void): void {
    this.#listeners.push(listener);
  }

  /** The chain of each of these events. */
  async chainsOf(
    nids: readonly EventNid[],
    reader: Reader = this.#database.reader,
  ): Promise<ReadonlyMap<EventNid, ChainNid>> {
    const found = new Map<EventNid, ChainNid>();
    const missing: EventNid[] = [];
    for (const nid of nids) {
      const chain = this.#chains.get(nid);
      if (chain === undefined) missing.push(nid);
      else found.set(nid, chain);
    }
    if (missing.length === 0) return found;
    const before = this.#changes;
    const rows = await reader.all<{ event: number; chain: number }>(
      sql`SELECT event, chain FROM auth_chains WHERE ${sql.anyOf('event', missing)}`,
    );
    const stored = new Map(rows.map(({ event, chain }) => [event, chain]));
    // A transaction sees more than the others.
    const isShared = reader === this.#database.reader && before === this.#changes;
    for (const nid of missing) {
      const chain = (stored.get(nid) ?? nid) as ChainNid;
      found.set(nid, chain);
      if (isShared) this.#chains.set(nid, chain);
    }
    return found;
  }

  /** Reads the links into those of these chains that have few, as most have: they needn't be read one by one. */
  async loadSparse(chains: Iterable<ChainNid>): Promise<void> {
    const missing = [...new Set(chains)].filter((chain) => !this.#citations.has(chain));
    if (missing.length < 2) return;
    const before = this.#changes;
    const { reader } = this.#database;
    const counts = await reader.all<{ nid: number; links: number }>(
      sql`SELECT e.nid, (SELECT COUNT(*) FROM
            (SELECT 1 FROM auth_chain_links AS l WHERE l.to_chain = e.nid LIMIT ${fewLinks + 1}) AS first_links) AS links
          FROM events AS e WHERE ${sql.anyOf('e.nid', missing)}`,
    );
    const few = counts.filter(({ links }) => links <= fewLinks);
    const cited = few.filter(({ links }) => links > 0).map(({ nid }) => nid);
    const links = cited.length === 0 ? [] : await citationsWhere(reader, sql.anyOf('l.to_chain', cited));
    if (before !== this.#changes) return;
    const byChain = Map.groupBy(links, ({ toChain }) => toChain);
    for (const { nid } of few) this.#citations.set(nid as ChainNid, byChain.get(nid as ChainNid) ?? []);
  }

  /**
   * The links that lead to events of `chain` from `low` on and before `high`, those to the newest first, at most
   * `citationPage`; `after`: behind that one. An empty list: there are no more.
   */
  async citations(
    chain: ChainNid,
    low: EventNid,
    high: number,
    after: Citation | undefined,
    reader: Reader = this.#database.reader,
  ): Promise<readonly Citation[]> {
    if (after === undefined) {
      const newest = await this.#newestCitations(chain, reader);
      const oldest = newest.at(-1);
      const reachesBelow = newest.length < citationPage || (oldest !== undefined && oldest.to < high);
      if (reachesBelow) return newest.filter(({ to }) => to >= low && to < high);
    }
    const isBelow = after !== undefined && after.to < high;
    const to = isBelow ? after.to : Math.min(high, Number.MAX_SAFE_INTEGER);
    const event = isBelow ? after.event : 0;
    return citationsWhere(
      reader,
      sql`l.to_chain = ${chain} AND l.to_event >= ${low} AND (l.to_event, l.from_event) < (${to}, ${event})`,
      citationPage,
    );
  }

  async #newestCitations(chain: ChainNid, reader: Reader): Promise<readonly Citation[]> {
    const isShared = reader === this.#database.reader;
    const cached = isShared ? this.#citations.get(chain) : undefined;
    if (cached) return cached;
    const before = this.#changes;
    const page = await citationsWhere(reader, sql`l.to_chain = ${chain}`, citationPage);
    if (isShared && before === this.#changes) this.#citations.set(chain, page);
    return page;
  }

  /**
   * The links that lead from these chains to events from `lowest` on, and don't come from events behind `highest`; at most
   * `most`, so that one more than is allowed can be told.
   */
  async linksFrom(
    chains: readonly ChainNid[],
    lowest: EventNid,
    highest: EventNid,
    most: number,
    reader: Reader = this.#database.reader,
  ): Promise<readonly ChainLink[]> {
    const rows = await reader.all<LinkRow>(
      sql`SELECT to_chain, to_event, from_event, from_chain FROM auth_chain_links
          WHERE ${sql.anyOf('from_chain', chains)} AND from_event <= ${highest} AND to_event >= ${lowest}
          LIMIT ${most}`,
    );
    return rows.map(linkOf);
  }

  /** The events of a chain between two of them, and these. At most `most`. */
  async between(
    chain: ChainNid,
    low: EventNid,
    high: EventNid,
    most: number,
    reader: Reader = this.#database.reader,
  ): Promise<readonly EventNid[]> {
    const first = low <= chain ? [chain] : [];
    if (high === chain) return first;
    const rows = await reader.all<{ event: number }>(
      sql`SELECT event FROM auth_chains WHERE chain = ${chain}
          AND place >= COALESCE((SELECT place FROM auth_chains WHERE event = ${low}), 0)
          AND place <= (SELECT place FROM auth_chains WHERE event = ${high}) ORDER BY place LIMIT ${most}`,
    );
    return [...first, ...rows.map(({ event }) => event as EventNid)];
  }
}

interface LinkRow {
  to_chain: number;
  to_event: number;
  from_event: number;
  from_chain: number;
}

interface CitationRow extends LinkRow {
  state_key: number;
}

function linkOf(row: LinkRow): ChainLink {
  return {
    chain: row.from_chain as ChainNid,
    event: row.from_event as EventNid,
    toChain: row.to_chain as ChainNid,
    to: row.to_event as EventNid,
  };
}

/** Links `l`, those to the newest events first: all, or at most so many. */
async function citationsWhere(reader: Reader, where: Sql, most?: number): Promise<readonly Citation[]> {
  const limit = most === undefined ? sql`` : sql`LIMIT ${most}`;
  const rows = await reader.all<CitationRow>(
    sql`SELECT l.to_chain, l.to_event, l.from_event, l.from_chain, e.state_key
        FROM auth_chain_links AS l JOIN events AS e ON e.nid = l.from_chain
        WHERE ${where} ORDER BY l.to_event DESC, l.from_event DESC ${limit}`,
  );
  return rows.map((row) => ({ ...linkOf(row), stateKey: row.state_key as StateKeyNid }));
}
