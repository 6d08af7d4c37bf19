import { limitExceeded } from '../../http/index.ts';
import type { UserNid } from '../names/index.ts';

/** Uploads under way at once: each holds an open file and up to half a MiB. */
const mostOfAll = 1_000;
const mostOfUser = 32;
const tryAgainMs = 1_000;

/** Bounds how many uploads are under way. */
export class UploadSlots {
  readonly #ofUser = new Map<UserNid, number>();
  #all = 0;

  /** Takes a place; returns how to give it back. Throws M_LIMIT_EXCEEDED. */
  take(user: UserNid, isExempt: boolean): () => void {
    const own = this.#ofUser.get(user) ?? 0;
    if (this.#all >= mostOfAll || (!isExempt && own >= mostOfUser)) throw limitExceeded(tryAgainMs);
    this.#all++;
    this.#ofUser.set(user, own + 1);
    return () => {
      this.#all--;
      const left = (this.#ofUser.get(user) ?? 1) - 1;
      if (left === 0) this.#ofUser.delete(user);
      else this.#ofUser.set(user, left);
    };
  }
}
