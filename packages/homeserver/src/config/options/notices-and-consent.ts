import { section } from '../option.ts';

export const noticesAndConsentOptions = section('Notices and consent', '', [
  ['user_consent', 'map', undefined, 'Asking users to agree to terms.'],
  ['user_consent.template_dir', 'string', undefined, 'Folder with the texts, by language.'],
  ['user_consent.version', 'number or string', undefined, 'Version that must be agreed to.'],
  ['user_consent.server_notice_content', 'map', undefined, "Notice for users who haven't agreed."],
  ['user_consent.server_notice_content.msgtype', 'string', undefined, 'Its type.'],
  ['user_consent.server_notice_content.body', 'string', undefined, 'Its text.'],
  ['user_consent.send_server_notice_to_guests', 'boolean', false, 'Send it to guests too.'],
  [
    'user_consent.block_events_error',
    'string or null',
    null,
    "If given, who hasn't agreed can't send, and reads this.",
  ],
  ['user_consent.require_at_registration', 'boolean', false, 'Ask at registration.'],
  ['user_consent.policy_name', 'string', 'Privacy Policy', 'Name of the document.'],
  ['server_notices', 'map', undefined, 'Notices of the server to its users.'],
  ['server_notices.system_mxid_display_name', 'string', 'Notices', "That user's name."],
  ['server_notices.system_mxid_avatar_url', 'string or null', null, "That user's picture."],
  ['server_notices.room_name', 'string', 'Server Notices', 'Name of the rooms.'],
  ['server_notices.room_avatar_url', 'string or null', null, 'Their picture.'],
  ['server_notices.room_topic', 'string or null', null, 'Their topic.'],
  ['server_notices.auto_join', 'boolean', false, 'Join users to them instead of inviting.'],
  ['server_notices.system_mxid_localpart', 'string', undefined, 'Local part of the user who sends them.'],
]);
