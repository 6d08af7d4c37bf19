import type { FindVerifyKey } from '@myelin/protocol';

/** Keys of a server that signatures are to be checked with. */
export interface KeyNeed {
  readonly server: string;
  readonly keyIds: Iterable<string>;
  /** When the signature was made, in ms: the event's time; now for requests. */
  readonly at: number;
  /** Room versions from 5 on, and requests: a key counts only while it was valid. */
  readonly enforceValidity: boolean;
}

/** Keys that were fetched, to be asked without waiting. */
export interface KeySet {
  /** Those that held at a time (ms). */
  at(time: number, enforceValidity: boolean): FindVerifyKey;
}

/** The signing keys of other servers, and our own. */
export interface KeyRing {
  /**
   * Fetches what isn't known, within a budget of time; what can't be had is missing from the answer, which is then a
   * finder for `verifyEvent` and `verifyJson`. A key that is needed for several times is given only if it holds for all:
   * for many events at once take `keySetFor`.
   */
  keysFor(needs: Iterable<KeyNeed>): Promise<FindVerifyKey>;
  /** The same for signatures of different times: one fetch, then a finder for each time. */
  keySetFor(needs: Iterable<KeyNeed>): Promise<KeySet>;
}
