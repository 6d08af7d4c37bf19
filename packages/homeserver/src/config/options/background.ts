import { section } from '../option.ts';

export const backgroundOptions = section('Background', '', [
  ['background_updates', 'map', undefined, ''],
  ['background_updates.background_update_duration_ms', 'integer', 100, ''],
  ['background_updates.sleep_enabled', 'boolean', true, ''],
  ['background_updates.sleep_duration_ms', 'integer', 1000, ''],
  ['background_updates.min_batch_size', 'integer', 1, ''],
  ['background_updates.default_batch_size', 'integer', 100, ''],
  ['auto_accept_invites', 'map', undefined, ''],
  ['auto_accept_invites.enabled', 'boolean', false, ''],
  ['auto_accept_invites.only_for_direct_messages', 'boolean', false, ''],
  ['auto_accept_invites.only_from_local_users', 'boolean', false, ''],
  ['auto_accept_invites.worker_to_run_on', 'string or null', null, ''],
  ['task_scheduler', 'map', undefined, ''],
  ['task_scheduler.max_concurrent_tasks', 'integer', 5, ''],
]);
