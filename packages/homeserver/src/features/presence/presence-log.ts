import type { RoomNid, UserNid } from '../names/index.ts';

/** Entries that are kept at least. */
const length = 10_000;

/** Whose presence is news since a position. */
export interface PresenceNews {
  readonly position: number;
  readonly user: UserNid;
  /** Only to the members of this room, whom the user has joined; absent: to all who share a room with the user. */
  readonly room?: RoomNid;
}

/** What happened lately, in order of positions. */
export class PresenceLog {
  #entries: PresenceNews[] = [];
  /** Entries up to here may be missing. */
  #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  /** Position up to which entries may be missing. */
  get from(): number {
    return this.#from;
  }

  add(entry: PresenceNews): void {
    const entries = this.#entries;
    let at = entries.length;
    while (at > 0 && (entries[at - 1] as PresenceNews).position > entry.position) at--;
    entries.splice(at, 0, entry);
    if (entries.length < 2 * length) return;
    this.#from = (entries[length - 1] as PresenceNews).position;
    this.#entries = entries.slice(length);
  }

  /** The entries of a span, or undefined where the log doesn't reach that far back. */
  between(since: number, upTo: number): readonly PresenceNews[] | undefined {
    if (since < this.#from) return undefined;
    const entries = this.#entries;
    let start = entries.length;
    while (start > 0 && (entries[start - 1] as PresenceNews).position > since) start--;
    let end = entries.length;
    while (end > start && (entries[end - 1] as PresenceNews).position > upTo) end--;
    return entries.slice(start, end);
  }
}
