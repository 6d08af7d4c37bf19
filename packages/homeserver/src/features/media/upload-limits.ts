import { MatrixError } from '@myelin/api';
import type { Reader } from '@myelin/database';
import type { Clock } from '@myelin/runtime';
import type { MediaUploadLimit } from '../../config/index.ts';
import type { UserNid } from '../names/index.ts';
import type { MediaStore } from './media-store.ts';

/** `media_upload_limits`: how much a user may upload within periods. */
export class UploadLimits {
  readonly #store: MediaStore;
  readonly #clock: Clock;
  readonly #limits: readonly MediaUploadLimit[];

  constructor(store: MediaStore, clock: Clock, limits: readonly MediaUploadLimit[]) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  get areSet(): boolean {
    return this.#limits.length > 0;
  }

  /** Throws M_USER_LIMIT_EXCEEDED, or M_FORBIDDEN for a limit without a page that explains it. */
  async check(reader: Reader, user: UserNid, bytes: number): Promise<void> {
    for (const limit of this.#limits) {
      const used = await this.#store.uploadedSince(reader, user, this.#clock.now() - limit.periodMs);
      if (used + bytes > limit.maxBytes) throw limitReached(limit);
    }
  }
}

/** Client-Server API §"Common error codes": M_USER_LIMIT_EXCEEDED must name a page (`info_uri`). */
function limitReached({ infoUri, canUpgrade }: MediaUploadLimit): MatrixError {
  const message = 'Media upload limit exceeded';
  if (infoUri === undefined) return new MatrixError('M_FORBIDDEN', message);
  return new MatrixError('M_USER_LIMIT_EXCEEDED', message, {
    details: { info_uri: infoUri, ...(canUpgrade && { can_upgrade: true }) },
  });
}
