export type { AuthFlow, AuthStage, SessionKey, StageContext } from './auth-stage.ts';
export { AuthenticationRefused, AuthenticationRequired } from './authentication-required.ts';
export { userInteractiveAuthMigrations } from './migrations.ts';
export {
  Reauthentication,
  type ReauthenticationFlows,
  type ReauthenticationRequest,
  type Validations,
} from './reauthentication.ts';
export { dummyStage } from './stages/dummy-stage.ts';
export {
  UserInteractiveAuth,
  type Authenticated,
  type AuthRequest,
  type UserInteractiveAuthParts,
} from './user-interactive-auth.ts';
