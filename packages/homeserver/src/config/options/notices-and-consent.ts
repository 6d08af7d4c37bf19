import { section } from '../option.ts';

export const noticesAndConsentOptions = section('Notices and consent', '', [
  ['user_consent', 'map', undefined, ''],
  ['user_consent.template_dir', 'string', undefined, ''],
  ['user_consent.version', 'number or string', undefined, ''],
  ['user_consent.server_notice_content', 'map', undefined, ''],
  ['user_consent.server_notice_content.msgtype', 'string', undefined, ''],
  ['user_consent.server_notice_content.body', 'string', undefined, ''],
  ['user_consent.send_server_notice_to_guests', 'boolean', false, ''],
  ['user_consent.block_events_error', 'string or null', null, ''],
  ['user_consent.require_at_registration', 'boolean', undefined, ''],
  ['user_consent.policy_name', 'string', 'Privacy Policy', ''],
  ['server_notices', 'map', undefined, ''],
  ['server_notices.system_mxid_display_name', 'string', 'Notices', ''],
  ['server_notices.system_mxid_avatar_url', 'string or null', null, ''],
  ['server_notices.room_name', 'string', 'Server Notices', ''],
  ['server_notices.room_avatar_url', 'string or null', null, ''],
  ['server_notices.room_topic', 'string or null', null, ''],
  ['server_notices.auto_join', 'boolean', false, ''],
]);
