import type { UserNid } from '../names/index.ts';

/** Client-Server API §"Presence". */
export type PresenceState = 'online' | 'unavailable' | 'offline';

/** Durations in milliseconds: `presence` of homeserver.yaml. */
export interface PresenceTimes {
  readonly lastActiveGranularityMs: number;
  readonly syncOnlineTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** What others are told of a user. */
export interface ShownPresence {
  readonly state: PresenceState;
  readonly statusMsg: string | undefined;
  readonly currentlyActive: boolean;
}

/** What is stored of a user. */
export interface PresenceRow {
  readonly user: UserNid;
  readonly state: PresenceState;
  readonly statusMsg: string | undefined;
  readonly lastActive: number | undefined;
  /** Of a user of another server: what their server said last, and when. */
  readonly told?: { readonly at: number; readonly currentlyActive: boolean };
}

interface DevicePresence {
  state: PresenceState;
  lastActive: number;
  lastSync: number;
  /** Syncs that are under way. */
  syncs: number;
}

const priorities: Readonly<Record<PresenceState, number>> = { offline: 0, unavailable: 1, online: 2 };
/** Stands for those that a user had before a restart. */
const restoredDevice = -1;
/** Devices of a user that are followed. */
const mostDevices = 50;

/** The presence of one local user, put together from their devices. Times are milliseconds since 1970. */
export class PresenceRecord {
  statusMsg: string | undefined;
  /** Whether it is known what the user said before they were away. */
  isRecalled = false;
  /** undefined: never seen. */
  lastActive: number | undefined;
  shown: ShownPresence = { state: 'offline', statusMsg: undefined, currentlyActive: false };
  readonly #times: PresenceTimes;
  readonly #devices = new Map<number, DevicePresence>();

  constructor(times: PresenceTimes) {
    this.#times = times;
  }

  /** Adds what was stored, unless something newer is known. */
  recall({
    statusMsg,
    lastActive,
  }: {
    readonly statusMsg: string | undefined;
    readonly lastActive: number | undefined;
  }): void {
    if (!this.isRecalled) this.statusMsg = statusMsg;
    this.isRecalled = true;
    this.lastActive ??= lastActive;
  }

  stored(): Omit<PresenceRow, 'user'> {
    return { state: this.shown.state, statusMsg: this.statusMsg, lastActive: this.lastActive };
  }

  /** The user was there when the server stopped: their devices are given the time to come back. */
  restore(state: PresenceState, now: number): void {
    this.#devices.set(restoredDevice, { state, lastActive: now, lastSync: now, syncs: 0 });
  }

  /** Whether a device is known and in this state. */
  says(device: number, state: PresenceState): boolean {
    return this.#devices.get(device)?.state === state;
  }

  /** A sync begins that says this about the device; returns the way to end it. */
  beginSync(device: number, state: PresenceState, now: () => number): () => void {
    const one = this.#device(device);
    if (!one) return () => {};
    one.state = state;
    one.lastActive = now();
    one.lastSync = now();
    one.syncs++;
    if (state === 'online') this.lastActive = now();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      one.syncs--;
      one.lastSync = now();
    };
  }

  /** The user says how they are. */
  set(device: number, state: PresenceState, now: number): void {
    const one = this.#device(device);
    if (!one) return;
    one.state = state;
    one.lastActive = now;
    if (state === 'online') this.lastActive = now;
  }

  /** The user does something on a device. */
  active(device: number | undefined, now: number): void {
    this.lastActive = now;
    for (const [key, one] of this.#devices) {
      if (device !== undefined && key !== device) continue;
      one.lastActive = now;
      if (one.state === 'unavailable') one.state = 'online';
    }
  }

  /** Works out what is to be shown now. Returns whether that is something new. */
  update(now: number): boolean {
    const { idleTimeoutMs, syncOnlineTimeoutMs, lastActiveGranularityMs } = this.#times;
    let state: PresenceState = 'offline';
    for (const [key, one] of this.#devices) {
      if (one.state === 'online' && now - one.lastActive > idleTimeoutMs) one.state = 'unavailable';
      if (one.syncs === 0 && now - Math.max(one.lastSync, one.lastActive) > syncOnlineTimeoutMs)
        this.#devices.delete(key);
      else if (priorities[one.state] > priorities[state]) ({ state } = one);
    }
    const currentlyActive =
      state === 'online' && this.lastActive !== undefined && now - this.lastActive < lastActiveGranularityMs;
    const { shown, statusMsg } = this;
    if (shown.state === state && shown.statusMsg === statusMsg && shown.currentlyActive === currentlyActive)
      return false;
    this.shown = { state, statusMsg, currentlyActive };
    return true;
  }

  /** Nothing about the user changes by time alone. */
  get isSettled(): boolean {
    return this.#devices.size === 0;
  }

  #device(device: number): DevicePresence | undefined {
    let one = this.#devices.get(device);
    if (!one && this.#devices.size < mostDevices) {
      one = { state: 'offline', lastActive: 0, lastSync: 0, syncs: 0 };
      this.#devices.set(device, one);
    }
    return one;
  }
}
