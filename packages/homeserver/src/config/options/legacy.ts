import type { LegacyOption } from '../option.ts';

/**
 * Options that were removed, or that others have replaced.
 * `refused`: with it the server doesn't start (as long as it is neither false, null nor empty); `ignored`: it does
 * nothing, and that is said; `accepted`: it still works, and what replaces it is said.
 */
type LegacyRow = readonly [name: string, type: string, outcome: LegacyOption['outcome'], advice: string];

const rows: readonly LegacyRow[] = [
  ['log_file', 'string', 'refused', 'log files are named in the file of log_config'],
  [
    'trust_identity_server_for_password_resets',
    'boolean',
    'refused',
    'set up `email`, so that this server sends these messages itself',
  ],
  [
    'account_threepid_delegates.email',
    'string',
    'refused',
    'set up `email`, so that this server sends these messages itself',
  ],
  ['invite_3pid_guest', 'boolean', 'refused', 'it has no replacement'],
  ['experimental_features.msc3861', 'map', 'refused', 'use matrix_authentication_service'],
  ['worker_replication_port', 'integer', 'refused', 'workers speak over redis'],
  ['spam_checker', 'list or map', 'refused', "Python modules can't be loaded; remove it"],
  ['third_party_event_rules', 'map', 'refused', "Python modules can't be loaded; remove it"],
  ['password_providers', 'list', 'refused', "Python modules can't be loaded; remove it"],
  ['ldap_config', 'map', 'refused', "Python modules can't be loaded; remove it"],
  ['presence.presence_router', 'map', 'refused', "Python modules can't be loaded; remove it"],

  ['bind_port', 'integer', 'ignored', 'write an entry of listeners'],
  ['bind_host', 'string', 'ignored', 'write bind_addresses in an entry of listeners'],
  ['unsecure_port', 'integer', 'ignored', 'write an entry of listeners'],
  ['verbose', 'integer', 'ignored', 'levels are set in the file of log_config'],
  ['email.trust_identity_server_for_password_resets', 'boolean', 'ignored', 'this server sends these messages itself'],
  ['trusted_third_party_id_servers', 'list', 'ignored', 'clients choose the identity server'],
  ['group_creation_prefix', 'string', 'ignored', 'groups gave way to spaces'],
  ['enable_group_creation', 'boolean', 'ignored', 'groups gave way to spaces'],
  ['acme', 'map', 'ignored', 'get certificates with a tool of your own, and name them in tls_certificate_path'],
  ['tls_fingerprints', 'list', 'ignored', 'certificates are not told to other servers any more'],
  ['enable_legacy_metrics', 'boolean', 'ignored', 'metrics have their present names only'],
  ['worker_replication_host', 'string', 'ignored', 'name the main process in instance_map.main'],
  ['worker_replication_http_port', 'integer', 'ignored', 'name the main process in instance_map.main'],
  ['worker_replication_http_tls', 'boolean', 'ignored', 'name the main process in instance_map.main'],
  ['worker_main_http_uri', 'string', 'ignored', 'name the main process in instance_map.main'],
  ['rc_messages_per_second', 'number', 'accepted', 'write rc_message.per_second'],
  ['rc_message_burst_count', 'number', 'accepted', 'write rc_message.burst_count'],
  ['federation_rc_window_size', 'integer', 'accepted', 'write rc_federation.window_size'],
  ['federation_rc_sleep_limit', 'integer', 'accepted', 'write rc_federation.sleep_limit'],
  ['federation_rc_sleep_delay', 'integer', 'accepted', 'write rc_federation.sleep_delay'],
  ['federation_rc_reject_limit', 'integer', 'accepted', 'write rc_federation.reject_limit'],
  ['federation_rc_concurrent', 'integer', 'accepted', 'write rc_federation.concurrent'],

  ['caches.expiry_time', 'duration', 'accepted', 'write caches.cache_entry_ttl'],
  ['federation_ip_range_blacklist', 'list', 'accepted', 'write ip_range_blacklist'],
  ['notify_appservices', 'boolean', 'accepted', 'write notify_appservices_from_worker'],
  ['update_user_directory', 'boolean', 'accepted', 'write update_user_directory_from_worker'],
  ['metrics_port', 'integer', 'accepted', 'write a listener with the resource metrics'],
  ['metrics_bind_host', 'string', 'accepted', 'write bind_addresses in a listener with the resource metrics'],
  ['room_invite_state_types', 'list', 'accepted', 'write room_prejoin_state'],
  [
    'restrict_public_rooms_to_local_users',
    'boolean',
    'accepted',
    'write allow_public_rooms_without_auth and allow_public_rooms_over_federation',
  ],
  ['perspectives', 'map', 'accepted', 'write trusted_key_servers'],
  ['email.template_dir', 'string', 'accepted', 'write templates.custom_template_directory'],
  ['email.riot_base_url', 'string', 'accepted', 'write email.client_base_url'],
  ['sso.template_dir', 'string', 'accepted', 'write templates.custom_template_directory'],
  ['account_validity.template_dir', 'string', 'accepted', 'write templates.custom_template_directory'],
  ['email.redact_content', 'boolean', 'accepted', 'write push.include_content, with the opposite value'],
  ['push.redact_content', 'boolean', 'accepted', 'write push.include_content, with the opposite value'],
  ['saml2_config.mxid_source_attribute', 'string', 'accepted', 'write saml2_config.user_mapping_provider'],
  ['saml2_config.mxid_mapping', 'string', 'accepted', 'write saml2_config.user_mapping_provider'],
  ['oidc_config', 'map', 'accepted', 'write oidc_providers'],
];

export const legacyOptions: readonly LegacyOption[] = rows.map(([name, type, outcome, advice]) => ({
  name,
  type,
  fallback: undefined,
  doc: advice,
  outcome,
}));
