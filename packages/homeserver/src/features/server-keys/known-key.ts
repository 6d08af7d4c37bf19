import type { VerifyKey } from '@myelin/protocol';

/** A key of another server, as it was last seen. Times in ms. */
export interface KnownKey {
  readonly publicKey: string;
  readonly key: VerifyKey;
  /** Until when signatures by it count: what the server said, and never more than a week ahead of when it said so. */
  readonly validUntil: number;
  /** The server doesn't sign with it any more. */
  readonly isOld: boolean;
  /** `valid_until_ts` of the answer that showed it: newer answers are believed rather than older ones. */
  readonly answeredUntil: number;
}

/**
 * Room versions from 5 on take a signature only if the key was valid when it was made. A key that has outlived its time
 * may have been prolonged since; one that is old hasn't.
 */
export function holdsAt({ validUntil }: KnownKey, time: number): boolean {
  return time <= validUntil;
}

/** Of two sightings of one key the one to believe. */
export function newer(a: KnownKey, b: KnownKey): KnownKey {
  return b.answeredUntil >= a.answeredUntil ? b : a;
}
