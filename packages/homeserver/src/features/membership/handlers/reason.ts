import type { JsonObject } from '@myelin/protocol';

/** The optional reason of a change of membership, as it goes into the event. */
export function reasonOf(body: { readonly reason?: string | null | undefined }): JsonObject {
  return typeof body.reason === 'string' ? { reason: body.reason } : {};
}
