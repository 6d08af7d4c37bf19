import type { JsonObject } from '@myelin/protocol';

/** What the body of a join puts into the event: its reason, and what clients add of their own, as Synapse lets them. */
export function joinContent(body: Readonly<Record<string, unknown>>): JsonObject {
  const { third_party_signed: _signed, membership: _membership, reason, ...more } = body;
  return { ...(more as JsonObject), ...(typeof reason === 'string' ? { reason } : {}) };
}
