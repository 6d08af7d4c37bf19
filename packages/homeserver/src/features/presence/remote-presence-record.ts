import type { PresenceRow, PresenceState, ShownPresence } from './presence-record.ts';

/** What another server says of one of its users. */
export interface RemotePresence {
  readonly state: PresenceState;
  readonly statusMsg: string | undefined;
  /** Milliseconds since 1970; undefined: not told. */
  readonly lastActive: number | undefined;
  readonly currentlyActive: boolean;
}

/** Servers say at least every 25 minutes that somebody is still there; after so long they aren't. In milliseconds. */
const believedMs = 30 * 60_000;

/** The presence of a user of another server, as that server tells it. Times are milliseconds since 1970. */
export class RemotePresenceRecord {
  readonly isRecalled = true;
  lastActive: number | undefined;
  shown: ShownPresence = { state: 'offline', statusMsg: undefined, currentlyActive: false };
  #told: RemotePresence | undefined;
  #toldAt = 0;

  /** As it was stored. */
  restore({ state, statusMsg, lastActive, told }: PresenceRow): void {
    this.lastActive = lastActive;
    this.#told = { state, statusMsg, lastActive, currentlyActive: told?.currentlyActive === true };
    this.#toldAt = told?.at ?? 0;
  }

  stored(): Omit<PresenceRow, 'user'> {
    const { state, statusMsg, currentlyActive } = this.shown;
    return { state, statusMsg, lastActive: this.lastActive, told: { at: this.#toldAt, currentlyActive } };
  }

  tell(presence: RemotePresence, now: number): void {
    this.#told = presence;
    this.#toldAt = now;
    this.lastActive = presence.lastActive ?? this.lastActive;
  }

  /** Works out what is to be shown now. Returns whether that is something new. */
  update(now: number): boolean {
    const { shown } = this;
    const { state, statusMsg, currentlyActive } = this.#believed(now);
    if (shown.state === state && shown.statusMsg === statusMsg && shown.currentlyActive === currentlyActive)
      return false;
    this.shown = { state, statusMsg, currentlyActive };
    return true;
  }

  /** Nothing about the user changes by time alone. */
  get isSettled(): boolean {
    return this.shown.state === 'offline' && (this.#told === undefined || this.#told.state === 'offline');
  }

  #believed(now: number): ShownPresence {
    if (this.#told && this.#told.state !== 'offline' && now - this.#toldAt > believedMs) this.#told = undefined;
    return {
      state: this.#told?.state ?? 'offline',
      statusMsg: this.#told?.statusMsg,
      currentlyActive: this.#told?.state === 'online' && this.#told.currentlyActive,
    };
  }
}
