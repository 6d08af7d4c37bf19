// Room versions and events
export { roomVersion, roomVersions, type RoomVersion } from './room-versions.ts';
export {
  authEventIds,
  createEventIdOfRoom,
  isStateEvent,
  prevEventIds,
  redactsOf,
  stateMapKey,
  type EventReference,
  type Pdu,
  type StateKeyPair,
  type UnsignedPdu,
} from './events/event.ts';

// JSON
export { CanonicalJsonError, canonicalJson, maxJsonDepth, type CanonicalJsonReason } from './json/canonical.ts';
export { parseJson, type ParseOptions, type ParseResult } from './json/parse.ts';
export type { JsonSyntaxReason } from './json/exact-parser.ts';
export { getOwn, isJsonObject, JsonNumber, setOwn, type JsonObject, type JsonValue } from './json/value.ts';

// Identifiers

// Hashes, signatures, redaction

// Authorization rules

// State resolution

// Push rules, filters, server ACLs, history visibility
