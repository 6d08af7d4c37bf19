import type { Core } from './core.ts';
import { PasswordChecker, PasswordRules, PasswordStage } from './features/accounts/index.ts';
import { capabilitiesRoutes } from './features/capabilities/index.ts';
import type { Profiles } from './features/profiles/index.ts';
import {
  AccountCreator,
  GuestTokens,
  Registration,
  registrationFlows,
  registrationRoutes,
  RegistrationTokens,
  RegistrationTokenStage,
  SharedSecretRegistration,
  TermsStage,
  UserNames,
} from './features/registration/index.ts';
import { Login, Logout, sessionsRoutes } from './features/sessions/index.ts';
import { dummyStage, Reauthentication, UserInteractiveAuth } from './features/user-interactive-auth/index.ts';
import { RateLimiter, type Route } from './http/index.ts';

export interface AccountsWiring {
  readonly routes: readonly Route[];
  /** For operations of other features that ask for user-interactive authentication. */
  readonly reauthentication: Reauthentication;
  readonly registration: Registration;
  stop(): Promise<void>;
}

/** Puts together what has to do with people: registration, login, devices, profiles. */
export async function wireAccounts(core: Core, { profiles }: { profiles: Profiles }): Promise<AccountsWiring> {
  const { config, runtime, serverName, database, names, accounts, passwords, devices, sessions } = core;
  const { clock, random } = runtime;
  const { rateLimits } = config;

  const passwordRules = new PasswordRules(config.password.policy);
  const failedAttempts = new RateLimiter(clock, rateLimits.loginFailedAttempts);
  const checker = new PasswordChecker({ names, accounts, passwords, serverName, failedAttempts });

  const auth = await UserInteractiveAuth.open({ database, ...runtime });
  const registrationTokens = new RegistrationTokens(database, clock);
  const terms = config.consent?.requireAtRegistration ? config.consent : undefined;
  auth.addStage(dummyStage);
  auth.addStage(new PasswordStage(checker));
  auth.addStage(new RegistrationTokenStage(registrationTokens));
  if (terms) {
    const url = `${config.server.publicBaseUrl}_matrix/consent?v=${encodeURIComponent(terms.version)}`;
    auth.addStage(new TermsStage({ version: terms.version, policyName: terms.policyName, url }));
  }
  const reauthentication = new Reauthentication({
    auth,
    clock,
    validations: sessions,
    recentMs: config.sessions.uiAuthSessionTimeoutMs,
    flows: async (user) => {
      const account = await accounts.find(user);
      return config.password.enabledForReauth && account?.passwordHash !== undefined ? [['m.login.password']] : [];
    },
  });

  const userNames = new UserNames({ accounts, serverName, allowUnderscore: config.registration.allowUnderscorePrefixedLocalpart });
  const registration = new Registration({
    database,
    config: config.registration,
    auth,
    flows: registrationFlows(config.registration, terms !== undefined),
    passwords,
    passwordRules,
    sessions,
    userNames,
    creator: await AccountCreator.open({ database, names, accounts, profiles, userNames }),
    tokens: registrationTokens,
    guestTokens: new GuestTokens(sessions),
    limiter: new RateLimiter(clock, rateLimits.registration),
  });
  const sharedSecret = new SharedSecretRegistration({
    clock,
    random,
    registration,
    passwords,
    secret: config.registration.sharedSecret,
    userTypes: new Set(['support', 'bot', ...config.server.userTypes.extra]),
  });
  const login = new Login({
    database,
    accounts,
    sessions,
    checker,
    passwordsEnabled: config.password.enabledForLogin && config.password.localDatabaseEnabled,
    limits: { address: new RateLimiter(clock, rateLimits.loginAddress), account: new RateLimiter(clock, rateLimits.loginAccount) },
  });
  const logout = new Logout(database, devices, sessions);

  return {
    routes: [
      ...sessionsRoutes({ sessions, login, logout, serverName, wellKnown: undefined }),
      ...registrationRoutes({
        registration,
        tokens: registrationTokens,
        sharedSecret,
        serverName,
        tokenValidityLimiter: new RateLimiter(clock, rateLimits.registrationTokenValidity),
      }),
      ...capabilitiesRoutes(),
    ],
    reauthentication,
    registration,
    async stop() {
      auth.stop();
      await core.lastSeen.stop();
    },
  };
}
