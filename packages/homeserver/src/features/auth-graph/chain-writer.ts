import { sql, type Reader, type Writer } from '@myelin/database';
import { boundedCache } from '../../caches/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import type { AuthChains, ChainNid } from './auth-chains.ts';

/** A state event that is stored in the same transaction and wasn't rejected, with its auth events. */
export interface NewEdges {
  readonly event: EventNid;
  readonly stateKey: StateKeyNid;
  readonly authEvents: readonly EventNid[];
  /** Whether it is stored for the first time: then it can't have been added before. */
  readonly isNew: boolean;
}

interface Place {
  readonly stateKey: number | null;
  readonly chain: ChainNid;
  readonly place: number;
}

interface PlaceRow {
  nid: number;
  state_key: number | null;
  chain: number | null;
  place: number | null;
  is_followed: number;
  is_linked: number;
}

type Added = Place & { readonly auths: readonly EventNid[] };

/** What stored events rest on. */
export type ReadAuthEvents = (nids: readonly EventNid[], reader: Reader) => Promise<Map<EventNid, readonly EventNid[]>>;

/** A link that may follow from others. */
interface Candidate {
  readonly event: EventNid;
  readonly chain: ChainNid;
  readonly to: EventNid;
  readonly toChain: ChainNid;
}

/** So many questions are put together: SQLite takes 500 parts of a statement. */
const pairsAtOnce = 50;

/**
 * Puts events into chains, in the transaction that stores them: behind the event of the same state key that they rest on, if
 * no other event follows that already, else as a chain of their own; and notes the links that don't follow from others.
 * Costs a few reads and up to two inserts for all events of a call. That nothing follows an event twice is guarded by the
 * table's key, also where two transactions add at the same time: the second is repeated by the database.
 */
export class ChainWriter {
  readonly #chains: AuthChains;
  /** Those added last: where they are, and what they rest on. It saves links that follow from others. */
  readonly #added = boundedCache<EventNid, Added>(20_000);
  readonly #read: ReadAuthEvents;

  constructor(chains: AuthChains, read: ReadAuthEvents) {
    this.#chains = chains;
    this.#read = read;
  }

  async add(writer: Writer, given: readonly NewEdges[]): Promise<void> {
    const before = await addedAmong(writer, given);
    const edges = given
      .filter(({ event }) => !before.has(event))
      .map((each) => ({ ...each, auths: known(each) }))
      .toSorted((a, b) => a.event - b.event);
    if (edges.length === 0) return;
    const keys = new Set<number>(edges.map(({ stateKey }) => stateKey));
    const { places, followed, added } = await this.#placesOf(writer, edges, keys);
    // What was added before and isn't in memory, and what is added now.
    const lot = new Map<EventNid, Added>(added);
    const chainRows: number[][] = [];
    const candidates: Candidate[] = [];
    for (const { event, stateKey, auths } of edges) {
      const placeOf = (nid: EventNid): Place | undefined => lot.get(nid) ?? places.get(nid);
      const previous = auths.find((auth) => placeOf(auth)?.stateKey === stateKey && !followed.has(auth));
      const behind = previous === undefined ? undefined : placeOf(previous);
      const [chain, place] = behind ? [behind.chain, behind.place + 1] : [event, 0];
      if (previous !== undefined) {
        followed.add(previous);
        chainRows.push([event, chain, place]);
      }
      lot.set(event, { stateKey, chain, place, auths });
      const named = previous === undefined ? [] : [this.#authsOf(previous, lot)];
      for (const to of auths) {
        const toChain = placeOf(to)?.chain;
        if (toChain === undefined || to === previous || toChain === chain) continue;
        if (named.some((others) => others.includes(to))) continue;
        candidates.push({ event, chain, to, toChain });
        named.push(this.#authsOf(to, lot));
      }
    }
    const linkRows = await newLinks(writer, candidates);
    if (chainRows.length > 0) await writer.insert('auth_chains', ['event', 'chain', 'place'], chainRows);
    if (linkRows.length > 0)
      await writer.insert('auth_chain_links', ['to_chain', 'to_event', 'from_event', 'from_chain'], linkRows);
    writer.onDurable(() => {
      const chains: [EventNid, ChainNid][] = [];
      for (const [event, place] of lot) {
        this.#added.set(event, place);
        if (!added.has(event)) chains.push([event, place.chain]);
      }
      this.#chains.noteAdded(
        chains,
        linkRows.map(([toChain]) => toChain as ChainNid),
      );
    });
  }

  #authsOf(event: EventNid, lot: ReadonlyMap<EventNid, { auths: readonly EventNid[] }>): readonly EventNid[] {
    return (lot.get(event) ?? this.#added.get(event))?.auths ?? [];
  }

  /** Where the auth events are; and which of those that may be continued are so already. */
  async #placesOf(
    writer: Writer,
    edges: readonly { readonly event: EventNid; readonly auths: readonly EventNid[] }[],
    keys: ReadonlySet<number>,
  ): Promise<{ places: Map<EventNid, Place>; followed: Set<EventNid>; added: Map<EventNid, Added> }> {
    const places = new Map<EventNid, Place>();
    const own = new Set(edges.map(({ event }) => event));
    const missing = new Set<EventNid>();
    for (const { auths } of edges) {
      for (const auth of auths) {
        if (own.has(auth)) continue;
        const place = this.#added.get(auth);
        if (place) places.set(auth, place);
        if (!place || keys.has(place.stateKey as number)) missing.add(auth);
      }
    }
    const followed = new Set<EventNid>();
    const added = new Map<EventNid, Added>();
    if (missing.size === 0) return { places, followed, added };
    const rows = await writer.all<PlaceRow>(
      sql`SELECT e.nid, e.state_key, c.chain, c.place,
            CASE WHEN EXISTS (SELECT 1 FROM auth_chains AS f
              WHERE f.chain = COALESCE(c.chain, e.nid) AND f.place = COALESCE(c.place, 0) + 1) THEN 1 ELSE 0 END AS is_followed,
            CASE WHEN EXISTS (SELECT 1 FROM auth_chain_links AS l WHERE l.from_chain = e.nid) THEN 1 ELSE 0 END AS is_linked
          FROM events AS e LEFT JOIN auth_chains AS c ON c.event = e.nid WHERE ${sql.anyOf('e.nid', [...missing])}`,
    );
    const unread: EventNid[] = [];
    for (const row of rows) {
      const nid = row.nid as EventNid;
      places.set(nid, { stateKey: row.state_key, chain: (row.chain ?? nid) as ChainNid, place: row.place ?? 0 });
      if (row.is_followed === 1) followed.add(nid);
      if ((row.chain !== null || row.is_linked === 1) && !this.#added.has(nid)) unread.push(nid);
    }
    if (unread.length > 0) {
      for (const [nid, auths] of await this.#read(unread, writer))
        added.set(nid, { ...(places.get(nid) as Place), auths });
    }
    return { places, followed, added };
  }
}

/** Auth events with smaller numbers, the largest first: an invite that came before its room was known has others. */
function known({ event, authEvents }: NewEdges): EventNid[] {
  const auths: EventNid[] = [];
  for (const auth of authEvents) {
    if (auth >= event || auths.includes(auth)) continue;
    let at = auths.length;
    for (; at > 0 && (auths[at - 1] as EventNid) < auth; at--) auths[at] = auths[at - 1] as EventNid;
    auths[at] = auth;
  }
  return auths;
}

/** Which of these events have been added before. One that rests on nothing, and nothing on it, may be added again. */
async function addedAmong(writer: Writer, given: readonly NewEdges[]): Promise<Set<number>> {
  const asked = given.flatMap(({ event, isNew }) => (isNew ? [] : [event]));
  if (asked.length === 0) return new Set();
  const rows = await writer.all<{ nid: number }>(
    sql`SELECT e.nid FROM events AS e WHERE ${sql.anyOf('e.nid', asked)} AND (
          EXISTS (SELECT 1 FROM auth_chains AS c WHERE c.event = e.nid)
          OR EXISTS (SELECT 1 FROM auth_chains AS c WHERE c.chain = e.nid)
          OR EXISTS (SELECT 1 FROM auth_chain_links AS l WHERE l.from_chain = e.nid)
          OR EXISTS (SELECT 1 FROM auth_chain_links AS l WHERE l.to_chain = e.nid))`,
  );
  return new Set(rows.map(({ nid }) => nid));
}

/** The rows of the links that don't follow from an earlier one between the same chains. */
async function newLinks(writer: Writer, candidates: readonly Candidate[]): Promise<number[][]> {
  const newest = await newestLinks(
    writer,
    candidates.filter(({ event, chain }) => chain !== event),
  );
  const rows: number[][] = [];
  for (const { event, chain, to, toChain } of candidates) {
    const pair = pairOf(chain, toChain);
    if ((newest.get(pair) ?? 0) >= to) continue;
    newest.set(pair, to);
    rows.push([toChain, to, event, chain]);
  }
  return rows;
}

/** To which event of the other chain the newest link of each pair of chains leads. */
async function newestLinks(
  writer: Writer,
  links: readonly { chain: ChainNid; toChain: ChainNid }[],
): Promise<Map<string, EventNid>> {
  const pairs = new Map(links.map((link) => [pairOf(link.chain, link.toChain), link]));
  const all = [...pairs.values()];
  const found = new Map<string, EventNid>();
  for (let at = 0; at < all.length; at += pairsAtOnce) {
    const questions = all.slice(at, at + pairsAtOnce).map(
      ({ chain, toChain }) =>
        sql`SELECT * FROM (SELECT from_chain, to_chain, to_event FROM auth_chain_links
            WHERE from_chain = ${chain} AND to_chain = ${toChain} ORDER BY from_event DESC LIMIT 1) AS newest`,
    );
    const rows = await writer.all<{ from_chain: number; to_chain: number; to_event: number }>(
      sql.join(questions, ' UNION ALL '),
    );
    for (const row of rows) found.set(pairOf(row.from_chain, row.to_chain), row.to_event as EventNid);
  }
  return found;
}

function pairOf(chain: number, toChain: number): string {
  return `${chain} ${toChain}`;
}
