export { createKeyBackup } from './create-key-backup.ts';
export { keyBackupMigrations } from './migrations.ts';
export { keyBackupRoutes } from './routes.ts';
