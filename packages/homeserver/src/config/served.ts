/**
 * The options that have their effect. A name stands for everything below it (`presence` for `presence.enabled` too).
 * An option of the table that isn't here is known but not served: who sets it is told so at start, and the reference
 * says it. Whoever makes an option work adds it here; a test checks that each of these is read into the Config.
 */
export const servedOptions: ReadonlySet<string> = new Set([
  // Server
  'server_name',
  'pid_file',
  'daemonize',
  'print_pidfile',
  'web_client_location',
  'public_baseurl',
  'serve_server_wellknown',
  'extra_well_known_client_content',
  'default_room_version',
  'filter_timeline_limit',
  'enable_search',
  'block_non_admin_invites',
  'use_presence',
  'hs_disabled',
  'hs_disabled_message',
  'admin_contact',

  // Listeners and TLS
  'listeners[].port',
  'listeners[].path',
  'listeners[].mode',
  'listeners[].tag',
  'listeners[].bind_addresses',
  'listeners[].bind_address',
  'listeners[].type',
  'listeners[].tls',
  'listeners[].x_forwarded',
  'listeners[].request_id_header',
  'listeners[].resources',
  'no_tls',
  'tls_certificate_path',
  'tls_private_key_path',

  // Database and logs
  'database.name',
  'database.args',
  'database.allow_unsafe_locale',
  'database.synchronous_commit',
  'database.statement_timeout',
  'database.data_stores',
  'databases.<key>.name',
  'databases.<key>.args',
  'databases.<key>.allow_unsafe_locale',
  'databases.<key>.synchronous_commit',
  'databases.<key>.statement_timeout',
  'databases.<key>.data_stores',
  'database_path',
  'log_config',
  'no_redirect_stdio',

  // Accounts and sessions
  'enable_registration',
  'disable_registration',
  'enable_registration_without_verification',
  'registration_requires_token',
  'registration_shared_secret',
  'registration_shared_secret_path',
  'allow_guest_access',
  'default_identity_server',
  'auto_join_rooms',
  'autocreate_auto_join_rooms',
  'autocreate_auto_join_rooms_federated',
  'autocreate_auto_join_room_preset',
  'auto_join_mxid_localpart',
  'auto_join_rooms_for_guests',
  'inhibit_user_in_use_error',
  'allow_underscore_prefixed_registration',
  'allow_underscore_prefixed_localpart',
  'bcrypt_rounds',
  'password_config',
  'session_lifetime',
  'refreshable_access_token_lifetime',
  'refresh_token_lifetime',
  'nonrefreshable_access_token_lifetime',
  'ui_auth',
  'user_types',
  'user_consent.version',
  'user_consent.template_dir',
  'user_consent.block_events_error',
  'user_consent.require_at_registration',
  'user_consent.policy_name',

  // Keys and secrets
  'signing_key_path',
  'signing_key',
  'old_signing_keys',
  'key_refresh_interval',
  'form_secret',
  'form_secret_path',

  // Rate limits
  'rc_message',
  'rc_registration',
  'rc_registration_token_validity',
  'rc_login',
  'rc_admin_redaction',
  'rc_joins.local',
  'rc_joins_per_room',
  'rc_invites',
  'rc_media_create',
  'rc_presence',
  'rc_reports',
  'rc_room_creation',
  'rc_user_directory',
  'rc_profile',
  'rc_key_requests',

  // Media
  'enable_authenticated_media',
  'enable_media_repo',
  'media_store_path',
  'max_pending_media_uploads',
  'unused_expiration_time',
  'max_upload_size',
  'media_upload_limits',
  'prevent_media_downloads_from',
  'max_image_pixels',
  'dynamic_thumbnails',
  'thumbnail_sizes',

  // Profiles and rooms
  'require_auth_for_profile_requests',
  'limit_profile_requests_to_users_who_share_rooms',
  'include_profile_data_on_invite',
  'require_membership_for_aliases',
  'limit_remote_rooms',
  'allow_per_room_profiles',
  'max_avatar_size',
  'allowed_avatar_mimetypes',
  'enable_set_displayname',
  'enable_set_avatar_url',
  'allow_public_rooms_without_auth',
  'encryption_enabled_by_default_for_room_type',
  'user_directory',
  'enable_room_list_search',
  'alias_creation_rules',
  'room_list_publication_rules',
  'default_power_level_content_override',
  'forget_rooms_on_leave',
  'exclude_rooms_from_sync',
  'exclude_rooms_from_presence',
  'room_prejoin_state',
  'presence',
  'push_rules',
  'experimental_features.msc3391_enabled',

  // Operations
  'caches.global_factor',
  'caches.per_cache_factors',
  'event_cache_size',
  'enable_metrics',
  'report_stats',
  'suppress_key_server_warning',

  // Old names of some of these
  'rc_messages_per_second',
  'rc_message_burst_count',
  'metrics_port',
  'metrics_bind_host',
  'room_invite_state_types',
  'restrict_public_rooms_to_local_users',

  // Without meaning outside of Synapse: nothing is missed by leaving them out
  'use_frozen_dicts',
  'gc_thresholds',
  'gc_min_interval',
  'gzip_responses',
  // Signs tokens of Synapse that are random here, and stored hashed.
  'macaroon_secret_key',
  'macaroon_secret_key_path',
]);

/** Whether an option, or something above it, is in the list. (Whether all below it is, isn't said.) */
export function isServed(name: string, served: ReadonlySet<string> = servedOptions): boolean {
  for (let part = name; part !== ''; part = part.slice(0, Math.max(part.lastIndexOf('.'), part.lastIndexOf('['), 0))) {
    if (served.has(part)) return true;
  }
  return false;
}
