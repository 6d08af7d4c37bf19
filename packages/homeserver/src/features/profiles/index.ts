export { profilesMigrations } from './migrations.ts';
export { ProfileEditor } from './profile-editor.ts';
export { ProfileLookup } from './profile-lookup.ts';
export type { RemoteProfiles } from './profile-ports.ts';
export { Profiles } from './profiles.ts';
export { profilesRoutes } from './routes.ts';
