export type { Account, AccountFlags } from './account.ts';
export { Accounts, type NewAccount } from './accounts.ts';
export { accountsMigrations } from './migrations.ts';
export { PasswordChecker, type KnownUser } from './password-checker.ts';
export { PasswordRules } from './password-policy.ts';
export { PasswordStage, userOf } from './password-stage.ts';
export { Passwords, type PasswordOptions } from './passwords.ts';
