import { section } from '../option.ts';

export const retentionOptions = section('What is deleted, and when', '', [
  ['delete_stale_devices_after', 'duration or null', null, "Devices that weren't used for this long are deleted."],
  [
    'redaction_retention_period',
    'duration or null',
    '7d',
    'For this long the original of a redacted event is kept; null keeps it for ever.',
  ],
  [
    'forgotten_room_retention_period',
    'duration or null',
    null,
    'A room that all local users have forgotten is deleted after this time.',
  ],
  ['user_ips_max_age', 'duration or null', '28d', 'How long addresses of users are kept; null keeps them for ever.'],
  ['retention', 'map', undefined, 'Old messages: how long rooms keep them.'],
  ['retention.enabled', 'boolean', false, 'Delete old messages.'],
  ['retention.default_policy', 'map', undefined, 'For rooms that say nothing.'],
  ['retention.default_policy.min_lifetime', 'duration or null', null, 'Keep for at least.'],
  ['retention.default_policy.max_lifetime', 'duration or null', null, 'Keep for at most.'],
  ['retention.allowed_lifetime_min', 'duration or null', null, "Rooms can't choose less."],
  ['retention.allowed_lifetime_max', 'duration or null', null, "Rooms can't choose more."],
  ['retention.purge_jobs', 'list or null', null, 'When deletion runs.'],
  [
    'retention.purge_jobs[].shortest_max_lifetime',
    'duration or null',
    undefined,
    'For rooms whose lifetime is longer than this …',
  ],
  ['retention.purge_jobs[].longest_max_lifetime', 'duration or null', undefined, '… and at most this.'],
  ['retention.purge_jobs[].interval', 'duration', undefined, 'How often.'],
  ['redaction_allowed_period', 'duration or null', null, "Events older than this can't be redacted by their senders."],
]);
