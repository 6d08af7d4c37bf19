import type { createContent } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Uploads } from '../uploads.ts';

export function createContentHandler({ uploads }: { uploads: Uploads }): Handler<typeof createContent> {
  return async ({ requester }) => {
    const { uri, expiresAt } = await uploads.announce(requester);
    return { content_uri: uri, unused_expires_at: expiresAt };
  };
}
