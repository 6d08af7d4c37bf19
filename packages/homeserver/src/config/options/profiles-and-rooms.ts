import { section } from '../option.ts';

export const profilesAndRoomsOptions = section('Profiles', 'Names and pictures of users.', [
  ['require_auth_for_profile_requests', 'boolean', false, 'Profiles are shown to logged-in users only.'],
  [
    'limit_profile_requests_to_users_who_share_rooms',
    'boolean',
    false,
    'Only to users who share a room; needs require_auth_for_profile_requests.',
  ],
  [
    'include_profile_data_on_invite',
    'boolean',
    true,
    'Show name and picture of an invited user before they have joined.',
  ],
  ['require_membership_for_aliases', 'boolean', true, 'Only members of a room may give it aliases.'],
  ['allow_per_room_profiles', 'boolean', true, 'Users may have another name or picture in a room.'],
  ['max_avatar_size', 'size or null', null, 'The largest picture of a profile.'],
  ['allowed_avatar_mimetypes', 'list or null', undefined, 'Types of pictures for profiles; without it all.'],
  ['enable_set_displayname', 'boolean', true, 'Users may change their name after registration.'],
  ['enable_set_avatar_url', 'boolean', true, 'Users may change their picture after registration.'],
  ['include_profile_updates_in_sync', 'boolean', false, 'Send changes of profiles in /sync (MSC4429, MSC4262).'],
]);
