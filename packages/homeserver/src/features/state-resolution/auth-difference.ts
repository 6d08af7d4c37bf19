import type { EventNid } from '../names/index.ts';
import { Looks, type AuthDifferenceParts } from './auth-difference-parts.ts';
import { CommonEvents } from './common-events.ts';
import { DescendingQueue } from './descending-queue.ts';
import type { Differences } from './differences.ts';
import type { IndexedView } from './indexed-view.ts';

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
  readonly #common: CommonEvents;
  readonly #looks: Looks;

  constructor(views: readonly IndexedView[], differences: Differences, parts: AuthDifferenceParts) {
    this.#views = views;
    this.#differences = differences;
    this.#parts = parts;
    this.#looks = new Looks(parts);
    this.#common = new CommonEvents(views[0] as IndexedView, differences, parts);
  }

  async find(): Promise<EventNid[]> {
    const all = (1n << BigInt(this.#views.length)) - 1n;
    const masks = new Map<EventNid, bigint>();
    const queue = new DescendingQueue();
    const shared: EventNid[] = [];
    const reach = (nid: EventNid, mask: bigint): void => {
      const before = masks.get(nid) ?? 0n;
      const after = before | mask;
      if (after === before) return;
      masks.set(nid, after);
      if (after === all) shared.push(nid);
      else {
        queue.push(nid);
        this.#common.expect(nid);
      }
    };
    for (const values of this.#differences.values())
      values.forEach((nid, i) => nid !== undefined && reach(nid, 1n << BigInt(i)));
    const difference: EventNid[] = [];
    for (let nid = queue.pop() as EventNid | undefined; nid !== undefined; nid = queue.pop() as EventNid | undefined) {
      if (masks.get(nid) === all) continue;
      // Each state leads to these, by another event.
      if (shared.length > 0) await this.#common.noteShared(shared.splice(0));
      if (await this.#common.has(nid)) continue;
      difference.push(nid);
      for (const auth of await this.#authEventsOf(nid, queue)) reach(auth, masks.get(nid) as bigint);
    }
    return difference;
  }

  async #authEventsOf(nid: EventNid, queue: DescendingQueue): Promise<readonly EventNid[]> {
    const own = this.#parts.pending.get(nid);
    if (own) return own;
    const pausing = this.#looks.add(1);
    if (pausing) await pausing;
    const expect = (auth: EventNid): void => this.#common.expect(auth);
    return storedAuthEventsOf(nid, queue, this.#parts, expect);
  }
}

/** What an event names as its auth events. */
export async function authEventsOf(nid: EventNid, parts: AuthDifferenceParts): Promise<readonly EventNid[]> {
  return parts.pending.get(nid) ?? storedAuthEventsOf(nid, new DescendingQueue(), parts);
}

/**
 * What a stored event names as its auth events. Where that must be read, those whose turn comes next are read with it; `expect`
 * is told theirs too.
 */
async function storedAuthEventsOf(
  nid: EventNid,
  queue: DescendingQueue,
  { graph, version, reader }: AuthDifferenceParts,
  expect?: (auth: EventNid) => void,
): Promise<readonly EventNid[]> {
  const cached = graph.cachedAuthEventsOf(nid);
  if (cached) return cached;
  const together = [nid, ...queue.waiting.slice(0, loadedAtOnce)] as EventNid[];
  const found = await graph.authEventsOf(together, version, reader);
  if (expect) for (const auths of found.values()) for (const auth of auths) expect(auth);
  return found.get(nid) ?? [];
}
