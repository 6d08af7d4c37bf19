// Room versions and events
export { roomVersion, roomVersions, type RoomVersion } from './room-versions.ts';
export {
  authEventIds,
  createEventIdOfRoom,
  isStateEvent,
  prevEventIds,
  redactsOf,
  referencedId,
  stateMapKey,
  type EventReference,
  type Pdu,
  type StateKeyPair,
  type UnsignedPdu,
} from './events/event.ts';

// JSON
export { CanonicalJsonError, canonicalJson, maxJsonDepth, type CanonicalJsonReason } from './json/canonical.ts';
export { canonicalJsonInSteps, parseJsonInSteps, smallJsonBytes } from './json/in-steps.ts';
export type { Steps } from './json/steps.ts';
export { ListCutter, type TakeItem } from './json/list-cutter.ts';
export { parseJson, type ParseOptions, type ParseResult } from './json/parse.ts';
export type { JsonSyntaxReason } from './json/exact-parser.ts';
export { getOwn, isJsonObject, JsonNumber, setOwn, type JsonObject, type JsonValue } from './json/value.ts';

// Identifiers
export { isEventIdOfVersion, parseEventId, type EventIdParts } from './identifiers/event-id.ts';
export { isMediaId, looksLikeMxc, parseMxc, type MxcParts } from './identifiers/mxc.ts';
export { isNamespacedId, isOpaqueId } from './identifiers/opaque-id.ts';
export { parseRoomAlias } from './identifiers/room-alias.ts';
export { isRoomId, parseRoomId, type RoomIdParts } from './identifiers/room-id.ts';
export { isServerName, parseServerName, type ServerName } from './identifiers/server-name.ts';
export { maxIdentifierBytes, type LocalpartAndServer } from './identifiers/sigil.ts';
export { isCompliantUserId, isLocalpartForNewUser, isUserIdForNewUser, parseUserId } from './identifiers/user-id.ts';

// Format
export {
  checkEventFormat,
  parsePdu,
  type FormatProblem,
  type FormatResult,
  type FormattedEvent,
} from './events/format.ts';
export {
  maxAuthEvents,
  maxEventBytes,
  maxOwnEventBytes,
  maxPrevEvents,
  type LimitProblem,
} from './events/event-limits.ts';

// Hashes, signatures, redaction
export { decodeBase64, encodeBase64, encodeBase64Url } from './signing/base64.ts';
export { CanonicalEvent } from './signing/canonical-event.ts';
export { contentHash, eventIdOf, referenceHash } from './signing/event-id.ts';
export { formatSigningKeyFile, parseSigningKeyFile, type SigningKeySeed } from './signing/key-file.ts';
export { isEd25519KeyId, SigningKey, VerifyKey } from './signing/keys.ts';
export { requiredSigners, type SignersProblem } from './signing/required-signers.ts';
export { hashAndSignEvent, signEvent, type SignedEvent } from './signing/sign-event.ts';
export {
  addSignature,
  signableJson,
  signJson,
  verifyJson,
  verifySignatures,
  type FindVerifyKey,
  type IsGoodSignature,
  type SignatureProblem,
} from './signing/sign-json.ts';
export { verifyEvent, type EventVerdict } from './signing/verify-event.ts';
export { redactContent, redactEvent } from './redaction/redact.ts';

// Authorization rules
export { checkAuthEventChoice } from './auth/auth-event-choice.ts';
export {
  authStateOf,
  domainOf,
  membershipOf,
  type AuthState,
  type AuthSubject,
  type EventWithId,
} from './auth/auth-state.ts';
export { authTypesForEvent } from './auth/auth-types.ts';
export { checkEventAuth } from './auth/check-event-auth.ts';
export { roomCreators, type RoomCreators } from './auth/creators.ts';
export { authRefusalReasons, type AuthDecision, type AuthRefusal, type AuthRefusalReason } from './auth/decision.ts';
export { type Level } from './auth/level.ts';
export { PowerLevels } from './auth/power-levels.ts';
export { redactionApplies } from './auth/redaction-applies.ts';
export { selectAuthEvents } from './auth/select-auth-events.ts';

// State resolution
export { authDifference, conflictedSubgraph, withAuthChains, type AuthEdges } from './state-resolution/auth-graph.ts';
export { MinHeap } from './state-resolution/min-heap.ts';
export { resolveState, type ResolutionSource } from './state-resolution/resolve-state.ts';
export {
  ResolutionBudgetError,
  type Resolution,
  type ResolutionAnswer,
  type ResolutionRequest,
  type ResolvedKey,
  type StateConflict,
} from './state-resolution/resolution.ts';
export type { ResolutionObserver, ResolutionPhase, ResolutionStep } from './state-resolution/resolution-step.ts';
export { resolveStateSets, type StateSetsInput } from './state-resolution/state-sets.ts';
export { stateResolution, type ResolutionInput } from './state-resolution/state-resolution.ts';

// Push rules, filters, server ACLs, history visibility
export { compileGlob, containsWord, type Glob, type GlobOptions } from './matching/glob.ts';
export { parsePropertyPath, valueAt } from './matching/property-path.ts';
export { PushEvent } from './push/push-event.ts';
export { compilePushRules, PushPrograms, type PushEvaluator } from './push/push-rules.ts';
export { deleteRule, putRule, setRuleActions, setRuleEnabled, type RulePosition } from './push/rule-set-edits.ts';
export { pushRuleOf, pushRulesetOf } from './push/rule-set-view.ts';
export { PushRuleError, pushRuleLimits } from './push/rule-validation.ts';
export {
  emptyPushRuleSet,
  isPushRuleKind,
  noPush,
  pushRuleKinds,
  type CustomPushRule,
  type PushAction,
  type PushCondition,
  type PushContext,
  type PushOutcome,
  type PushRule,
  type PushRuleKind,
  type PushRuleset,
  type PushRuleSet,
} from './push/types.ts';
export { compileEventFields, type EventFieldsPicker } from './filters/event-fields.ts';
export {
  compileRoomEventFilter,
  defaultFilterLimit,
  EventFilter,
  type FilteredEvent,
  type RelationFact,
} from './filters/event-filter.ts';
export { faultOfFilter, faultOfRoomEventFilter, filterLimits } from './filters/filter-validation.ts';
export { compileFilter, defaultMaxTimelineLimit, type Filter } from './filters/filter.ts';
export { StringFilter } from './filters/string-filter.ts';
export { inviteRulesOf, listedInviteRules, type InviteRules } from './invites/invite-rules.ts';
export { compileServerAcl, isServerAllowed, type ServerAcl } from './server-acl/server-acl.ts';
export {
  historyVisibilities,
  historyVisibilityOf,
  isVisibleToServer,
  visibilityForClient,
  type ClientVisibility,
  type ClientVisibilityFacts,
  type HistoryVisibility,
  type ServerVisibilityFacts,
} from './history-visibility/history-visibility.ts';
