/** Limits that no test reaches by accident; a test of a limit sets it. */
const none = { per_second: 1_000_000, burst_count: 1_000_000 };

export const noRateLimits = {
  rc_message: none,
  rc_registration: none,
  rc_registration_token_validity: none,
  rc_login: { address: none, account: none, failed_attempts: none },
  rc_admin_redaction: none,
  rc_joins: { local: none, remote: none },
  rc_joins_per_room: none,
  rc_3pid_validation: none,
  rc_invites: { per_room: none, per_user: none, per_issuer: none },
  rc_third_party_invite: none,
  rc_media_create: none,
  rc_presence: { per_user: none },
  rc_delayed_event_mgmt: none,
  rc_reports: none,
  rc_room_creation: none,
  rc_profile: none,
  rc_federation: { sleep_limit: 1_000_000, concurrent: 1000 },
} as const;
