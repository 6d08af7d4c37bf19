/** What differs between room versions, as data: one flag for a quirk (specification: Room Versions). */
export interface RoomVersion {
  readonly id: string;
  /** Whether the specification calls it stable. */
  readonly stable: boolean;
  readonly stateResolution: 'v1' | 'v2' | 'v2.1';

  // Format
  /** Versions 1 and 2: the sender chooses `event_id`; 3: base64 of the reference hash; 4 and up: its URL-safe form. */
  readonly eventIdFormat: 'sender-chosen' | 'base64' | 'base64url';
  /** How `prev_events` and `auth_events` name events: as `[id, hashes]` pairs (1 and 2) or as ids. */
  readonly eventReferences: 'id-and-hash' | 'id';
  /** 6 and up: no floats and no integers beyond 2^53-1. */
  readonly strictCanonicalJson: boolean;
  /**
   * 11 and up: an event whose type, state_key, sender, room_id or event_id is over 255 bytes is dropped. Before, it is
   * dropped if it is over 255 code points and kept as a rejected event otherwise, as other servers do.
   */
  readonly strictByteLimits: boolean;
  /** 12 and up: the room id is the create event's id with `!`; the create event has no room_id and isn't in auth_events. */
  readonly roomIdIsCreateEventId: boolean;

  // Signatures
  /** 5 and up: a signing key must be valid at the event's origin_server_ts. */
  readonly enforceKeyValidity: boolean;

  // Authorization rules
  /** 1 to 5: m.room.aliases events follow a rule of their own. */
  readonly aliasesAuthRule: boolean;
  /** 1 and 2: whether a redaction is allowed is an authorization rule; later it is decided when it is applied. */
  readonly redactionAuthRule: boolean;
  /** 6 and up: changes in `notifications` of m.room.power_levels are checked. */
  readonly checkNotificationsPowerLevels: boolean;
  /** 10 and up: power levels are integers; before, strings (and floats in 1 to 5) count too. */
  readonly integerPowerLevels: boolean;
  /** 7 and up: membership and join rule `knock`. */
  readonly knock: boolean;
  /** 8 and up: join rule `restricted`, `join_authorised_via_users_server`. */
  readonly restrictedJoins: boolean;
  /** 10 and up: join rule `knock_restricted`. */
  readonly knockRestricted: boolean;
  /** 1 to 10: the create event names the creator in content; 11 and up: the creator is its sender. */
  readonly creatorInContent: boolean;
  /** 12 and up: creators (sender and `additional_creators`) stand above all power levels. */
  readonly privilegedCreators: boolean;

  // Redaction
  /** 1 to 5: `aliases` of m.room.aliases is kept. */
  readonly redactionKeepsAliases: boolean;
  /** 8 and up: `allow` of m.room.join_rules is kept. */
  readonly redactionKeepsAllow: boolean;
  /** 9 and up: `join_authorised_via_users_server` of m.room.member is kept. */
  readonly redactionKeepsJoinAuthorised: boolean;
  /** 11 and up: the rules of room version 11 (all of create, `invite` of power levels, no `origin`, …). */
  readonly redactionRulesV11: boolean;
  /** 11 and up: a redaction names its target in content. */
  readonly redactsInContent: boolean;
}

const v1: RoomVersion = {
  id: '1',
  stable: true,
  stateResolution: 'v1',
  eventIdFormat: 'sender-chosen',
  eventReferences: 'id-and-hash',
  strictCanonicalJson: false,
  strictByteLimits: false,
  roomIdIsCreateEventId: false,
  enforceKeyValidity: false,
  aliasesAuthRule: true,
  redactionAuthRule: true,
  checkNotificationsPowerLevels: false,
  integerPowerLevels: false,
  knock: false,
  restrictedJoins: false,
  knockRestricted: false,
  creatorInContent: true,
  privilegedCreators: false,
  redactionKeepsAliases: true,
  redactionKeepsAllow: false,
  redactionKeepsJoinAuthorised: false,
  redactionRulesV11: false,
  redactsInContent: false,
};
const v2: RoomVersion = { ...v1, id: '2', stateResolution: 'v2' };
const v3: RoomVersion = {
  ...v2,
  id: '3',
  eventIdFormat: 'base64',
  eventReferences: 'id',
  redactionAuthRule: false,
};
const v4: RoomVersion = { ...v3, id: '4', eventIdFormat: 'base64url' };
const v5: RoomVersion = { ...v4, id: '5', enforceKeyValidity: true };
const v6: RoomVersion = {
  ...v5,
  id: '6',
  strictCanonicalJson: true,
  aliasesAuthRule: false,
  checkNotificationsPowerLevels: true,
  redactionKeepsAliases: false,
};
const v7: RoomVersion = { ...v6, id: '7', knock: true };
const v8: RoomVersion = { ...v7, id: '8', restrictedJoins: true, redactionKeepsAllow: true };
const v9: RoomVersion = { ...v8, id: '9', redactionKeepsJoinAuthorised: true };
const v10: RoomVersion = { ...v9, id: '10', integerPowerLevels: true, knockRestricted: true };
const v11: RoomVersion = {
  ...v10,
  id: '11',
  strictByteLimits: true,
  creatorInContent: false,
  redactionRulesV11: true,
  redactsInContent: true,
};
const v12: RoomVersion = {
  ...v11,
  id: '12',
  stateResolution: 'v2.1',
  roomIdIsCreateEventId: true,
  privilegedCreators: true,
};

/** All room versions that this package knows, oldest first. */
export const roomVersions: readonly RoomVersion[] = [v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12];

const byId: ReadonlyMap<string, RoomVersion> = new Map(roomVersions.map((version) => [version.id, version]));

/** The room version with this identifier, or undefined if this package doesn't know it. */
export function roomVersion(id: string): RoomVersion | undefined {
  return byId.get(id);
}
