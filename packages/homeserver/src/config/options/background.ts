import { section } from '../option.ts';

export const backgroundOptions = section('Background work', '', [
  ['background_updates', 'map', undefined, 'Work on the database that goes on while the server runs.'],
  ['background_updates.background_update_duration_ms', 'integer', 100, 'Length of a step in milliseconds.'],
  ['background_updates.sleep_enabled', 'boolean', true, 'Pause between steps.'],
  ['background_updates.sleep_duration_ms', 'integer', 1000, 'Length of the pause in milliseconds.'],
  ['background_updates.min_batch_size', 'integer', 1, 'Fewest rows in a step.'],
  ['background_updates.default_batch_size', 'integer', 100, 'Rows in the first step.'],
  ['auto_accept_invites', 'map', undefined, 'Accepting invitations for users.'],
  ['auto_accept_invites.enabled', 'boolean', false, 'Do so.'],
  ['auto_accept_invites.only_for_direct_messages', 'boolean', false, 'Only to direct chats.'],
  ['auto_accept_invites.only_from_local_users', 'boolean', false, 'Only from users of this server.'],
  ['auto_accept_invites.worker_to_run_on', 'string or null', null, 'Worker for it.'],
  ['task_scheduler', 'map', undefined, 'Long tasks.'],
  ['task_scheduler.max_concurrent_tasks', 'integer', 5, 'How many run at once.'],
]);
