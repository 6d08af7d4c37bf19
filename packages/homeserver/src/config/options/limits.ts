import { section } from '../option.ts';

export const limitsOptions = section('Limits', '', [
  ['admin_contact', 'string or null', null, ''],
  ['hs_disabled', 'boolean', false, ''],
  ['hs_disabled_message', 'string', 'Homeserver is currently blocked', ''],
  ['limit_usage_by_mau', 'boolean', false, ''],
  ['max_mau_value', 'integer', 0, ''],
  ['mau_trial_days', 'integer', 0, ''],
  ['mau_appservice_trial_days', 'map', {}, ''],
  ['mau_limit_alerting', 'boolean', true, ''],
  ['mau_stats_only', 'boolean', false, ''],
  ['mau_limit_reserved_threepids', 'list', [], ''],
  ['mau_limit_reserved_threepids[].medium', 'string', undefined, ''],
  ['mau_limit_reserved_threepids[].address', 'string', undefined, ''],
  ['server_context', 'string or null', null, ''],
  ['limit_remote_rooms', 'map', undefined, ''],
  ['limit_remote_rooms.enabled', 'boolean', false, ''],
  ['limit_remote_rooms.complexity', 'number', 1, ''],
  [
    'limit_remote_rooms.complexity_error',
    'string',
    'Your homeserver is unable to join rooms this large or complex. Please speak to your server administrator, or upgrade your instance to join this room.',
    '',
  ],
  ['limit_remote_rooms.admins_can_join', 'boolean', false, ''],
]);
