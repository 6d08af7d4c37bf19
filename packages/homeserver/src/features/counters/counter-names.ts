/** What the features count. A first start reserves numbers for all of them at once, not one transaction after another. */
export const counterNames = [
  'access_tokens',
  'auth_sessions',
  'devices',
  'events',
  'history_positions',
  'key_backups',
  'numeric_user_names',
  'openid_tokens',
  'outbound_edus',
  'outbound_transactions',
  'refresh_tokens',
  'room_names',
  'state_keys',
  'state_nodes',
  'stream_position',
  'type_names',
  'user_jobs',
  'user_names',
] as const;

export type CounterName = (typeof counterNames)[number];
