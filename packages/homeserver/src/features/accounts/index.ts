export { Accounts, type Account, type NewAccount } from './accounts.ts';
export { accountsMigrations } from './migrations.ts';
export { Passwords, type PasswordOptions } from './passwords.ts';
