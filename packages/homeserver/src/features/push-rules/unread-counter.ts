import { othersTurn, type Timers } from '@myelin/runtime';
import { LRUCache } from 'lru-cache';
import { boundedCache } from '../../caches/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid, RoomNid, UserNid } from '../names/index.ts';
import type { ReadPositionCache, ReadPositions } from '../receipts/index.ts';
import type { RoomMember, RoomMembers } from '../room-members/index.ts';
import type { UnreadCounts, UnreadSource } from '../sync/index.ts';
import type { CountableEvent, CountableEvents } from './countable-events.ts';
import type { JoinPositions } from './join-positions.ts';
import type { PushRules, ReaderRules } from './push-rules.ts';
import type { RoomTails } from './room-tails.ts';
import { UnreadTally } from './unread-tally.ts';
import { noVerdict, type Verdict, type Verdicts } from './verdicts.ts';

/** Whom a user ignores. Implemented by `features/account-data`. */
export interface IgnoredUsersPort {
  ignored(user: UserNid): Promise<ReadonlySet<UserNid>>;
}

export interface UnreadCounterParts {
  readonly events: Events;
  readonly members: RoomMembers;
  readonly rules: PushRules;
  readonly positions: ReadPositionCache;
  readonly countable: CountableEvents;
  readonly joins: JoinPositions;
  readonly tails: RoomTails;
  readonly verdicts: Verdicts;
  readonly ignoredUsers: IgnoredUsersPort;
  readonly timers: Timers;
}

/** What was counted for a user in a room, and on what grounds: if those change, it is counted anew. */
interface Entry {
  upTo: number;
  readonly tally: UnreadTally;
  readonly rules: number;
  readonly ignored: ReadonlySet<UserNid>;
  readonly read: number;
  /** The `#revisions` of the room. */
  readonly revision: number | undefined;
  /** The user's membership event. */
  member: EventNid;
}

/** The newest unread events of a room that are looked at; counts don't grow by those before them. */
export const mostCounted = 2_000;
/** New events that are added to an earlier count; where there are more, counting anew is no more work. */
const mostAdded = 500;
/** Events read from the database at a time. */
const pageSize = 250;

const none: UnreadCounts = { notifications: 0, highlights: 0 };
const nothingUnread = { main: none, threads: new Map<string, UnreadCounts>() };

/**
 * How many events in a room a user was notified of and hasn't read. Worked out when somebody asks, from the events after
 * the user's receipts; the next question costs the new events only. Client-Server API §"Receiving notifications".
 */
export class UnreadCounter implements UnreadSource {
  readonly #parts: UnreadCounterParts;
  readonly #entries = new LRUCache<string, Entry>({ maxSize: 100_000, sizeCalculation: () => 1 });
  /** Rooms of which events were judged anew, with a number that each such time is another. */
  readonly #revisions = boundedCache<RoomNid, number>(10_000);
  #lastRevision = 0;

  constructor(parts: UnreadCounterParts) {
    this.#parts = parts;
  }

  async counts(
    user: UserNid,
    room: RoomNid,
    upTo: number,
    byThread: boolean,
  ): Promise<{ main: UnreadCounts; threads: ReadonlyMap<string, UnreadCounts> }> {
    const { members, rules: allRules, positions, ignoredUsers } = this.#parts;
    const member = await members.get(room, user);
    if (member?.membership !== 'join') return nothingUnread;
    const rules = allRules.cached(user) ?? (await allRules.of(user));
    const read = positions.cached(user, room) ?? (await positions.of(user, room));
    const ignored = await ignoredUsers.ignored(user);
    const key = `${user} ${room}`;
    let entry = this.#entries.get(key);
    const isCurrent =
      entry !== undefined &&
      entry.rules === rules.position &&
      entry.read === read.version &&
      entry.ignored === ignored &&
      entry.revision === this.#revisions.get(room) &&
      (entry.member === member.event || (await this.#isSameStay(entry, member))) &&
      (await this.#advance(entry, member, upTo, rules));
    if (!entry || !isCurrent) {
      entry = await this.#count(member, upTo, rules, read, ignored);
      this.#entries.set(key, entry);
    }
    return byThread ? entry.tally.byThread() : { main: entry.tally.total(), threads: nothingUnread.threads };
  }

  /** Events of a room that were counted may not count any more. */
  revised(room: RoomNid): void {
    this.#parts.tails.forget(room);
    this.#revisions.set(room, ++this.#lastRevision);
  }

  /** Whether a new membership event changed the profile only. */
  async #isSameStay(entry: Entry, member: RoomMember): Promise<boolean> {
    if ((await this.#parts.joins.of(member)) > entry.tally.base) return false;
    entry.member = member.event;
    return true;
  }

  /** Takes in what is new. False: there is so much of it that it is to be counted anew. */
  async #advance(entry: Entry, member: RoomMember, upTo: number, rules: ReaderRules): Promise<boolean> {
    if (upTo <= entry.upTo) return true;
    const { verdicts, countable } = this.#parts;
    const fresh = await this.#eventsAfter(member.room, entry.upTo, upTo);
    if (!fresh) return false;
    const gone = new Map<EventNid, CountableEvent>();
    for (const { redacted } of fresh) {
      if (redacted === undefined) continue;
      // What it did for the reader can't be told without its content.
      const event = countable.cached(redacted);
      if (!event || event.isPruned) return false;
      gone.set(redacted, event);
    }
    const verdict = fresh.length > 0 ? await verdicts.of(member, rules, entry.ignored) : noVerdict;
    // Nothing is waited for from here on: another question may be taking in the same events.
    const { tally } = entry;
    for (const event of fresh) {
      if (event.position <= entry.upTo) continue;
      tally.addNewer(event, verdict);
      const taken = event.redacted === undefined ? undefined : gone.get(event.redacted);
      if (taken) tally.takeBack(taken, verdict);
    }
    entry.upTo = Math.max(entry.upTo, upTo);
    return true;
  }

  async #count(
    member: RoomMember,
    upTo: number,
    rules: ReaderRules,
    read: ReadPositions,
    ignored: ReadonlySet<UserNid>,
  ): Promise<Entry> {
    const { joins, tails, verdicts } = this.#parts;
    const { room, user } = member;
    const revision = this.#revisions.get(room);
    const joined = read.unthreaded >= member.position ? 0 : await joins.of(member);
    const base = Math.max(read.unthreaded, joined);
    const tally = new UnreadTally(user, base, read.threads);
    const entry: Entry = {
      upTo,
      tally,
      rules: rules.position,
      ignored,
      read: read.version,
      revision,
      member: member.event,
    };
    const recent = tails.between(room, base, upTo);
    const verdict = recent?.length === 0 ? noVerdict : await verdicts.of(member, rules, ignored);
    if (recent) {
      const events = await this.#parts.events.getMany(recent);
      for (let i = recent.length - 1; i >= 0; i--)
        await this.#addOlder(tally, events.get(recent[i] as EventNid), upTo, verdict);
      return entry;
    }
    let end = upTo;
    for (let counted = 0; counted < mostCounted; counted += pageSize) {
      const page = await this.#parts.events.timeline.newestByPosition(room, base, end, pageSize);
      for (const event of page) await this.#addOlder(tally, event, upTo, verdict);
      const oldest = page.at(-1);
      if (!oldest || page.length < pageSize) break;
      end = (oldest.position as number) - 1;
      // A long count lets others have their turn.
      await othersTurn(this.#parts.timers);
    }
    return entry;
  }

  async #addOlder(tally: UnreadTally, event: StoredEvent | undefined, upTo: number, verdict: Verdict): Promise<void> {
    // Who wrote an event has read up to it, redacted or not.
    if (!event || (event.senderNid !== tally.user && (await this.#isRedacted(event, upTo)))) return;
    const { countable } = this.#parts;
    tally.addOlder(countable.cached(event.nid) ?? (await countable.of(event)), verdict);
  }

  /** A redaction that isn't reached yet will be taken in when it is. */
  async #isRedacted({ fields }: StoredEvent, upTo: number): Promise<boolean> {
    if (fields.redactedBy === undefined) return false;
    return ((await this.#parts.events.get(fields.redactedBy)).position ?? 0) <= upTo;
  }

  /** Oldest first; undefined if there are too many. */
  async #eventsAfter(room: RoomNid, after: number, upTo: number): Promise<CountableEvent[] | undefined> {
    const { tails, countable, events } = this.#parts;
    const recent = tails.between(room, after, upTo);
    const found: CountableEvent[] = [];
    if (recent) {
      for (const nid of recent) found.push(countable.cached(nid) ?? (await countable.get(nid)));
      return found;
    }
    const stored = await events.timeline.oldestByPosition(room, after, upTo, mostAdded);
    if (stored.length === mostAdded) return undefined;
    for (const event of stored) found.push(countable.cached(event.nid) ?? (await countable.of(event)));
    return found;
  }
}
