import { section } from '../option.ts';

export const limitsOptions = section('Closing and limiting the server', '', [
  ['admin_contact', 'string or null', null, 'How to reach the administrator, told when the server is closed or full.'],
  ['hs_disabled', 'boolean', false, 'Close the server to everybody.'],
  ['hs_disabled_message', 'string', 'Homeserver is currently blocked', 'What clients are told then.'],
  ['limit_usage_by_mau', 'boolean', false, "Refuse further users when the month's number of active ones is reached."],
  ['max_mau_value', 'integer', 0, 'That number.'],
  ['mau_trial_days', 'integer', 0, 'Days before a new user counts.'],
  ['mau_appservice_trial_days', 'map', {}, 'The same by application service.'],
  ['mau_limit_alerting', 'boolean', true, 'Tell users in a notice when the server is full.'],
  ['mau_stats_only', 'boolean', false, 'Count, refuse nobody.'],
  ['mau_limit_reserved_threepids', 'list', [], 'People who are let in always.'],
  ['mau_limit_reserved_threepids[].medium', 'string', undefined, '`email` or `msisdn`.'],
  ['mau_limit_reserved_threepids[].address', 'string', undefined, 'The address.'],
  ['server_context', 'string or null', null, 'A text for reports, to tell installations apart.'],
  ['limit_remote_rooms', 'map', undefined, 'Rooms of other servers that are too large to join.'],
  ['limit_remote_rooms.enabled', 'boolean', false, 'Refuse to join them.'],
  ['limit_remote_rooms.complexity', 'number', 1, 'From which complexity on (500 state events make 1).'],
  [
    'limit_remote_rooms.complexity_error',
    'string',
    'Your homeserver is unable to join rooms this large or complex. Please speak to your server administrator, or upgrade your instance to join this room.',
    'What clients are told.',
  ],
  ['limit_remote_rooms.admins_can_join', 'boolean', false, 'Administrators may join all the same.'],
]);
