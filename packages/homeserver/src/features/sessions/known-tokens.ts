import { LRUCache } from 'lru-cache';
import type { Device } from '../devices/index.ts';
import type { UserNid } from '../names/index.ts';

export interface KnownToken {
  readonly nid: number;
  readonly user: UserNid;
  readonly userId: string;
  readonly device: Pick<Device, 'nid' | 'deviceId'> | undefined;
  /** Milliseconds since 1970. */
  readonly validUntil: number | undefined;
}

const capacity = 50_000;

/** The access tokens used last, by themselves: they are in memory with every request anyway. */
export class KnownTokens {
  readonly #byUser = new Map<UserNid, Set<string>>();
  readonly #tokens = new LRUCache<string, KnownToken>({
    maxSize: capacity,
    sizeCalculation: () => 1,
    dispose: (token, text) => this.#drop(text, token.user),
  });
  /** Grows when tokens are revoked, so that one that was read before isn't kept after. */
  #revocations = 0;

  get revocations(): number {
    return this.#revocations;
  }

  get(text: string): KnownToken | undefined {
    return this.#tokens.get(text);
  }

  /** Keeps what was read when `revocations` stood at `readAt`. */
  add(text: string, token: KnownToken, readAt: number): void {
    if (readAt !== this.#revocations) return;
    this.#tokens.set(text, token);
    const own = this.#byUser.get(token.user);
    if (own) own.add(text);
    else this.#byUser.set(token.user, new Set([text]));
  }

  forgetUser(user: UserNid): void {
    this.#revocations++;
    for (const text of this.#byUser.get(user) ?? []) this.#tokens.delete(text);
  }

  #drop(text: string, user: UserNid): void {
    const own = this.#byUser.get(user);
    own?.delete(text);
    if (own?.size === 0) this.#byUser.delete(user);
  }
}
