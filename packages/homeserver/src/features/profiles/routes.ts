import { deleteProfileField, getProfileField, getUserProfile, setProfileField } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { deleteProfileFieldHandler } from './handlers/delete-profile-field.ts';
import { getProfileFieldHandler } from './handlers/get-profile-field.ts';
import { getUserProfileHandler } from './handlers/get-user-profile.ts';
import { setProfileFieldHandler } from './handlers/set-profile-field.ts';
import type { ProfileEditor } from './profile-editor.ts';
import type { ProfileLookup } from './profile-lookup.ts';

export function profilesRoutes(lookup: ProfileLookup, editor: ProfileEditor): Route[] {
  return [
    route(getUserProfile, getUserProfileHandler(lookup)),
    route(getProfileField, getProfileFieldHandler(lookup)),
    route(setProfileField, setProfileFieldHandler(editor)),
    route(deleteProfileField, deleteProfileFieldHandler(editor)),
  ];
}
