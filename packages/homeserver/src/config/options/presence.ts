import { section } from '../option.ts';

export const presenceOptions = section('Presence', '', [
  ['presence', 'map', undefined, 'Who is online.'],
  [
    'presence.enabled',
    'boolean or untracked',
    true,
    "Show it; `untracked` shows what modules and other servers say, without following this server's users.",
  ],
  ['presence.include_offline_users_on_sync', 'boolean', false, 'Show offline users in an initial /sync too.'],
  [
    'presence.last_active_granularity',
    'duration',
    '1m',
    'For this long after an action somebody counts as currently active.',
  ],
  [
    'presence.sync_online_timeout',
    'duration',
    '30s',
    "Somebody whose client hasn't called /sync for this long is offline.",
  ],
  ['presence.idle_timeout', 'duration', '5m', 'Somebody without action for this long is idle.'],
]);
