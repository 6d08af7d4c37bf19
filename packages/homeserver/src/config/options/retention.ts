import { section } from '../option.ts';

export const retentionOptions = section('Retention', '', [
  ['delete_stale_devices_after', 'duration or null', null, ''],
  ['redaction_retention_period', 'duration or null', '7d', ''],
  ['forgotten_room_retention_period', 'duration or null', null, ''],
  ['user_ips_max_age', 'duration or null', '28d', ''],
  ['retention', 'map', undefined, ''],
  ['retention.enabled', 'boolean', false, ''],
  ['retention.default_policy', 'map', undefined, ''],
  ['retention.default_policy.min_lifetime', 'duration or null', null, ''],
  ['retention.default_policy.max_lifetime', 'duration or null', null, ''],
  ['retention.allowed_lifetime_min', 'duration or null', null, ''],
  ['retention.allowed_lifetime_max', 'duration or null', null, ''],
  ['retention.purge_jobs', 'list or null', null, ''],
  ['retention.purge_jobs[].shortest_max_lifetime', 'duration or null', undefined, ''],
  ['retention.purge_jobs[].longest_max_lifetime', 'duration or null', undefined, ''],
  ['retention.purge_jobs[].interval', 'duration', undefined, ''],
  ['redaction_allowed_period', 'duration or null', null, ''],
]);
