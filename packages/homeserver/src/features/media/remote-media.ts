import type { FoundMedia, MediaRequest } from './found-media.ts';
import { mediaNotFound } from './refusals.ts';

/** Files of other servers. Implemented by `remote/`. */
export interface RemoteMedia {
  /** From the cache or from its server. Throws M_NOT_FOUND, M_TOO_LARGE (502), M_NOT_YET_UPLOADED. */
  find(origin: string, mediaId: string, request: MediaRequest): Promise<FoundMedia>;
}

/** As long as this server asks no others, it has nothing of theirs. */
export const noRemoteMedia: RemoteMedia = {
  find: () => Promise.reject(mediaNotFound()),
};
