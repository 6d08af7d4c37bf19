export { profilesMigrations } from './migrations.ts';
export { Profiles } from './profiles.ts';
