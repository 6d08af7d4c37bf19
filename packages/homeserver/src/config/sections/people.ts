import type { Context } from './context.ts';

export interface ProfilesConfig {
  readonly requireAuth: boolean;
  /** Only users who share a room see each other's profiles. */
  readonly limitToSharedRooms: boolean;
  readonly includeOnInvite: boolean;
  readonly includeUpdatesInSync: boolean;
  readonly perRoomProfiles: boolean;
  readonly allowSetDisplayname: boolean;
  readonly allowSetAvatarUrl: boolean;
  /** Bytes; undefined: any. */
  readonly maxAvatarSize: number | undefined;
  readonly allowedAvatarMimetypes: readonly string[] | undefined;
  readonly lookupOverFederation: boolean;
}

export function readProfiles({ values }: Context): ProfilesConfig {
  const requireAuth = values.boolean('require_auth_for_profile_requests');
  const limitToSharedRooms = values.boolean('limit_profile_requests_to_users_who_share_rooms');
  if (limitToSharedRooms && !requireAuth) {
    throw values.fail(
      'limit_profile_requests_to_users_who_share_rooms',
      'needs require_auth_for_profile_requests: true',
    );
  }
  return {
    requireAuth,
    limitToSharedRooms,
    includeOnInvite: values.boolean('include_profile_data_on_invite'),
    includeUpdatesInSync: values.boolean('include_profile_updates_in_sync'),
    perRoomProfiles: values.boolean('allow_per_room_profiles'),
    allowSetDisplayname: values.boolean('enable_set_displayname'),
    allowSetAvatarUrl: values.boolean('enable_set_avatar_url'),
    maxAvatarSize: values.optionalSize('max_avatar_size'),
    allowedAvatarMimetypes: values.optionalStrings('allowed_avatar_mimetypes'),
    lookupOverFederation: values.boolean('allow_profile_lookup_over_federation'),
  };
}

export interface UserDirectoryConfig {
  readonly enabled: boolean;
  readonly searchAllUsers: boolean;
  readonly preferLocalUsers: boolean;
  readonly excludeRemoteUsers: boolean;
  readonly showLockedUsers: boolean;
}

export function readUserDirectory({ values }: Context): UserDirectoryConfig {
  return {
    enabled: values.boolean('user_directory.enabled'),
    searchAllUsers: values.boolean('user_directory.search_all_users'),
    preferLocalUsers: values.boolean('user_directory.prefer_local_users'),
    excludeRemoteUsers: values.boolean('user_directory.exclude_remote_users'),
    showLockedUsers: values.boolean('user_directory.show_locked_users'),
  };
}

export interface PresenceConfig {
  readonly enabled: boolean;
  /** Whether the server itself follows who is there; false with `untracked`. */
  readonly tracked: boolean;
  readonly includeOfflineUsersOnSync: boolean;
  readonly lastActiveGranularityMs: number;
  readonly syncOnlineTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

export function readPresence({ values }: Context): PresenceConfig {
  const untracked = values.has('presence.enabled') && values.raw('presence.enabled') === 'untracked';
  const written = values.has('presence.enabled') && !values.isNull('presence.enabled');
  const enabled = untracked || values.boolean(written ? 'presence.enabled' : 'use_presence');
  const lastActiveGranularityMs = values.duration('presence.last_active_granularity');
  const syncOnlineTimeoutMs = values.duration('presence.sync_online_timeout');
  const idleTimeoutMs = values.duration('presence.idle_timeout');
  if (lastActiveGranularityMs === 0) throw values.fail('presence.last_active_granularity', 'expected more than 0');
  if (syncOnlineTimeoutMs === 0) throw values.fail('presence.sync_online_timeout', 'expected more than 0');
  if (idleTimeoutMs <= lastActiveGranularityMs) {
    throw values.fail('presence.idle_timeout', 'must be longer than presence.last_active_granularity');
  }
  return {
    enabled,
    tracked: enabled && !untracked,
    includeOfflineUsersOnSync: values.boolean('presence.include_offline_users_on_sync'),
    lastActiveGranularityMs,
    syncOnlineTimeoutMs,
    idleTimeoutMs,
  };
}
