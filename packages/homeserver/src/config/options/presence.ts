import { section } from '../option.ts';

export const presenceOptions = section('Presence', '', [
  ['presence', 'map', undefined, ''],
  ['presence.enabled', 'boolean or untracked', true, ''],
  ['presence.include_offline_users_on_sync', 'boolean', false, ''],
  ['presence.last_active_granularity', 'duration', '1m', ''],
  ['presence.sync_online_timeout', 'duration', '30s', ''],
  ['presence.idle_timeout', 'duration', '5m', ''],
]);
