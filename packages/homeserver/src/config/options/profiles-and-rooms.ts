import { section } from '../option.ts';

export const profilesAndRoomsOptions = section('Profiles and rooms', '', [
  ['require_auth_for_profile_requests', 'boolean', false, ''],
  ['limit_profile_requests_to_users_who_share_rooms', 'boolean', false, ''],
  ['include_profile_data_on_invite', 'boolean', true, ''],
  ['require_membership_for_aliases', 'boolean', true, ''],
  ['allow_per_room_profiles', 'boolean', true, ''],
  ['max_avatar_size', 'size or null', null, ''],
  ['allowed_avatar_mimetypes', 'list or null', undefined, ''],
  ['enable_set_displayname', 'boolean', true, ''],
  ['enable_set_avatar_url', 'boolean', true, ''],
  ['include_profile_updates_in_sync', 'boolean', false, ''],
]);
