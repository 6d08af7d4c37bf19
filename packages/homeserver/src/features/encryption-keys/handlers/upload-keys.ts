import type { uploadKeys } from '@myelin/api';
import type { JsonObject, JsonValue } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { KeyUploads } from '../key-uploads.ts';

export function uploadKeysHandler(uploads: KeyUploads): Handler<typeof uploadKeys> {
  return async ({ body, requester }) => ({
    one_time_key_counts: await uploads.upload(requester, {
      deviceKeys: body.device_keys as JsonObject | undefined,
      oneTimeKeys: (body.one_time_keys ?? {}) as Record<string, JsonValue>,
      fallbackKeys: (body.fallback_keys ?? {}) as Record<string, JsonValue>,
    }),
  });
}
