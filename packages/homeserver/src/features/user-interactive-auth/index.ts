export type { AuthFlow, AuthStage, SessionKey, StageContext } from './auth-stage.ts';
export { AuthenticationRefused } from './authentication-required.ts';
export { userInteractiveAuthMigrations } from './migrations.ts';
export { Reauthentication, type Validations } from './reauthentication.ts';
export { dummyStage } from './stages/dummy-stage.ts';
export { UserInteractiveAuth, type Authenticated } from './user-interactive-auth.ts';
