import type { Reader } from '@myelin/database';
import { ResolutionBudgetError, type RoomVersion } from '@myelin/protocol';
import { citationPage, type AuthGraph, type Citation } from '../auth-graph/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import { DescendingQueue } from './descending-queue.ts';
import type { Differences } from './differences.ts';
import type { IndexedView } from './indexed-view.ts';

export interface AuthDifferenceParts {
  readonly graph: AuthGraph;
  readonly version: RoomVersion;
  readonly reader: Reader | undefined;
  /** Auth events of events that aren't stored yet. */
  readonly pending: ReadonlyMap<EventNid, readonly EventNid[]>;
  /** The state key of an event, if it is a state event. */
  stateKeyOf(nid: EventNid): StateKeyNid | undefined | Promise<StateKeyNid | undefined>;
  /** How many events may be looked at; beyond, ResolutionBudgetError. */
  readonly maxEvents: number;
  /** Nothing, or what is to be waited for so that others have the thread. */
  pause(): Promise<void> | undefined;
}

/** So many of the queue's events are loaded together. */
const loadedAtOnce = 100;

/**
 * The auth difference of states (Room Version 2): events in the auth chains of some and not of all, the events of a state
 * counting as part of its chain. Auth events have smaller numbers than what names them, so a walk from the largest number
 * down knows of each event, when its turn comes, which states' conflicted events lead to it. What all states lead to isn't
 * walked, nor what they agree on: whether an event lies below that is found out from the event, upwards. So the work grows
 * with the difference, not with how long the chains are.
 */
export class AuthDifference {
  readonly #parts: AuthDifferenceParts;
  readonly #views: readonly IndexedView[];
  readonly #differences: Differences;
  /** Whether all states have an event that leads to this one, or lead to it each by another. */
  readonly #isCommon = new Map<EventNid, boolean>();
  #looked = 0;

  constructor(views: readonly IndexedView[], differences: Differences, parts: AuthDifferenceParts) {
    this.#views = views;
    this.#differences = differences;
    this.#parts = parts;
  }

  async find(): Promise<EventNid[]> {
    const all = (1n << BigInt(this.#views.length)) - 1n;
    const masks = new Map<EventNid, bigint>();
    const queue = new DescendingQueue();
    const reach = (nid: EventNid, mask: bigint): void => {
      const before = masks.get(nid) ?? 0n;
      const after = before | mask;
      if (after === before) return;
      masks.set(nid, after);
      if (after === all) this.#isCommon.set(nid, true);
      else queue.push(nid);
    };
    for (const values of this.#differences.values())
      values.forEach((nid, i) => nid !== undefined && reach(nid, 1n << BigInt(i)));
    const difference: EventNid[] = [];
    for (let nid = queue.pop() as EventNid | undefined; nid !== undefined; nid = queue.pop() as EventNid | undefined) {
      if (await this.#isCommonEvent(nid)) {
        this.#isCommon.set(nid, true);
        continue;
      }
      difference.push(nid);
      for (const auth of await this.#authEventsOf(nid, queue)) reach(auth, masks.get(nid) as bigint);
    }
    return difference;
  }

  /** Whether this event is part of the auth chain of one that all states have, or lead to. */
  async #isCommonEvent(start: EventNid): Promise<boolean> {
    const known = this.#isCommon.get(start);
    if (known !== undefined) return known;
    const key = await this.#parts.stateKeyOf(start);
    if (key !== undefined && !this.#differences.has(key) && (await this.#first.value(key)) === start) return true;
    const path: { nid: EventNid; waiting: EventNid[]; after: number; isRead: boolean }[] = [
      { nid: start, waiting: [], after: 0, isRead: false },
    ];
    while (path.length > 0) {
      const top = path.at(-1) as (typeof path)[number];
      const next = top.waiting.pop();
      if (next !== undefined) {
        const answer = this.#isCommon.get(next);
        if (answer === true) return this.#settle(path);
        if (answer === undefined) path.push({ nid: next, waiting: [], after: 0, isRead: false });
        continue;
      }
      if (top.isRead) {
        this.#isCommon.set(top.nid, false);
        path.pop();
        continue;
      }
      const page = await this.#citations(top.nid, top.after);
      top.isRead = page.length < citationPage;
      top.after = page.at(-1)?.event ?? top.after;
      for (const { event, stateKey } of page) {
        const isKnown = this.#isCommon.get(event);
        if (isKnown === false) continue;
        if (isKnown || (!this.#differences.has(stateKey) && (await this.#first.value(stateKey)) === event))
          return this.#settle(path);
        top.waiting.push(event);
      }
    }
    return false;
  }

  #settle(path: readonly { nid: EventNid }[]): true {
    for (const { nid } of path) this.#isCommon.set(nid, true);
    return true;
  }

  async #citations(nid: EventNid, after: number): Promise<readonly Citation[]> {
    const page = await this.#parts.graph.citations(nid, after, this.#parts.reader);
    await this.#count(page.length + 1);
    return page;
  }

  get #first(): IndexedView {
    return this.#views[0] as IndexedView;
  }

  async #authEventsOf(nid: EventNid, queue: DescendingQueue): Promise<readonly EventNid[]> {
    const own = this.#parts.pending.get(nid);
    if (own) return own;
    await this.#count(1);
    return storedAuthEventsOf(nid, queue, this.#parts);
  }

  async #count(events: number): Promise<void> {
    this.#looked += events;
    if (this.#looked > this.#parts.maxEvents) throw new ResolutionBudgetError(this.#parts.maxEvents);
    const pause = this.#parts.pause();
    if (pause) await pause;
  }
}

/** What an event names as its auth events. */
export async function authEventsOf(nid: EventNid, parts: AuthDifferenceParts): Promise<readonly EventNid[]> {
  return parts.pending.get(nid) ?? storedAuthEventsOf(nid, new DescendingQueue(), parts);
}

/** What a stored event names as its auth events. Where that must be read, those whose turn comes next are read with it. */
async function storedAuthEventsOf(
  nid: EventNid,
  queue: DescendingQueue,
  { graph, version, reader }: AuthDifferenceParts,
): Promise<readonly EventNid[]> {
  const cached = graph.cachedAuthEventsOf(nid);
  if (cached) return cached;
  const together = [nid, ...queue.waiting().slice(0, loadedAtOnce)] as EventNid[];
  return (await graph.authEventsOf(together, version, reader)).get(nid) ?? [];
}

/** The events on paths along auth events between two of the conflicted ones (Room Version 12), those included. */
export async function conflictedSubgraph(
  conflicted: readonly EventNid[],
  parts: AuthDifferenceParts,
): Promise<Set<EventNid>> {
  const { pending, maxEvents, pause } = parts;
  const lowest = Math.min(...conflicted);
  const queue = new DescendingQueue();
  const citedBy = new Map<EventNid, EventNid[]>();
  for (const nid of conflicted) queue.push(nid);
  for (let looked = 0; queue.size > 0; looked++) {
    if (looked > maxEvents) throw new ResolutionBudgetError(maxEvents);
    const nid = queue.pop() as EventNid;
    for (const auth of pending.get(nid) ?? (await storedAuthEventsOf(nid, queue, parts))) {
      if (auth < lowest) continue;
      const citing = citedBy.get(auth);
      if (citing) citing.push(nid);
      else citedBy.set(auth, [nid]);
      queue.push(auth);
    }
    const pausing = pause();
    if (pausing) await pausing;
  }
  // All that was walked lies below a conflicted event; what also lies above one is on a path.
  const subgraph = new Set(conflicted);
  for (const nid of subgraph) for (const citing of citedBy.get(nid) ?? []) subgraph.add(citing);
  return subgraph;
}
