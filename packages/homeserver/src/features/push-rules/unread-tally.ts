import type { UserNid } from '../names/index.ts';
import { mainThread, type ReadPositions } from '../receipts/index.ts';
import type { UnreadCounts } from '../sync/index.ts';
import type { CountableEvent } from './countable-events.ts';
import type { Verdict } from './verdicts.ts';

/** Threads with unread messages that are told of at most; those of more aren't counted. */
const mostThreads = 1_000;

interface Tally {
  notifications: number;
  highlights: number;
}

/**
 * The unread notifications of one user in one room, thread by thread. What the user sent counts as read up to there, in
 * its thread.
 */
export class UnreadTally {
  readonly user: UserNid;
  /** Everything up to here is read, in all threads. */
  readonly base: number;
  /** Shared with the receipts until something else is known: there are many tallies, and few with threads. */
  #read: ReadonlyMap<string, number>;
  #threads: Map<string, Tally> | undefined;

  constructor(user: UserNid, base: number, read: ReadPositions['threads']) {
    this.user = user;
    this.base = base;
    this.#read = read;
  }

  /** Whether the user has read an event, or wrote it. */
  isRead({ position, thread, sender }: CountableEvent): boolean {
    return position <= this.base || sender === this.user || position <= (this.#read.get(thread) ?? 0);
  }

  /** Takes in an event that is newer than all before. */
  addNewer(event: CountableEvent, verdict: Verdict): void {
    if (this.#isOwnMessage(event)) {
      this.#markRead(event);
      this.#drop(event.thread);
    } else if (!this.isRead(event)) this.#count(event, verdict, 1);
  }

  /** Takes in an event that is older than all before. */
  addOlder(event: CountableEvent, verdict: Verdict): void {
    if (this.#isOwnMessage(event)) this.#markRead(event);
    else if (!this.isRead(event)) this.#count(event, verdict, 1);
  }

  /** An event that was taken in is gone. */
  takeBack(event: CountableEvent, verdict: Verdict): void {
    if (!this.isRead(event)) this.#count(event, verdict, -1);
  }

  /** The main timeline, and each thread with unread notifications by its root. */
  byThread(): { main: UnreadCounts; threads: ReadonlyMap<string, UnreadCounts> } {
    const threads = new Map<string, UnreadCounts>();
    for (const [thread, { notifications, highlights }] of this.#threads ?? []) {
      if (thread !== mainThread) threads.set(thread, { notifications, highlights });
    }
    const main = this.#threads?.get(mainThread);
    return { main: main ? { ...main } : nothing, threads };
  }

  /** All threads together. */
  total(): UnreadCounts {
    if (!this.#threads) return nothing;
    let notifications = 0;
    let highlights = 0;
    for (const tally of this.#threads.values()) {
      notifications += tally.notifications;
      highlights += tally.highlights;
    }
    return { notifications, highlights };
  }

  /** State that users set (a new display name) and redactions don't say that they read the room. */
  #isOwnMessage({ sender, isMessage }: CountableEvent): boolean {
    return sender === this.user && isMessage;
  }

  #markRead({ thread, position }: CountableEvent): void {
    const known = this.#read.get(thread);
    if (known === undefined ? this.#read.size > mostThreads * 10 : known >= position) return;
    this.#read = new Map(this.#read).set(thread, position);
  }

  #count(event: CountableEvent, verdict: Verdict, by: 1 | -1): void {
    const { thread } = event;
    let tally = this.#threads?.get(thread);
    // A thread that isn't counted costs nothing.
    if (!tally && (by < 0 || (this.#threads?.size ?? 0) > mostThreads)) return;
    const outcome = verdict(event);
    if (!outcome) return;
    if (!tally) {
      tally = { notifications: 0, highlights: 0 };
      this.#threads ??= new Map();
      this.#threads.set(thread, tally);
    }
    tally.notifications = Math.max(0, tally.notifications + by);
    if (outcome.highlight) tally.highlights = Math.max(0, tally.highlights + by);
    if (tally.notifications === 0) this.#drop(thread);
  }

  #drop(thread: string): void {
    this.#threads?.delete(thread);
    if (this.#threads?.size === 0) this.#threads = undefined;
  }
}

const nothing: UnreadCounts = { notifications: 0, highlights: 0 };
