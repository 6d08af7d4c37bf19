export { DirectoryStore } from './directory-store.ts';
export { userDirectoryMigrations } from './migrations.ts';
export { userDirectoryRoutes } from './routes.ts';
export { UserDirectory } from './user-directory.ts';
