export { AccountData, type GlobalDataPort } from './account-data.ts';
export { AccountDataStore } from './account-data-store.ts';
export { IgnoredUsers } from './ignored-users.ts';
export { accountDataMigrations } from './migrations.ts';
export { accountDataRoutes } from './routes.ts';
export { Tags } from './tags.ts';
