import type { Core } from './core.ts';
import {
  accountsRoutes,
  actingAs,
  Deactivation,
  PasswordChange,
  PasswordChecker,
  PasswordRules,
  PasswordStage,
  UserJobs,
} from './features/accounts/index.ts';
import { adminRoutes } from './features/admin/index.ts';
import { capabilitiesRoutes, clientWellKnown } from './features/capabilities/index.ts';
import { consentRoutes, ConsentService } from './features/consent/index.ts';
import { DeviceManager, devicesRoutes } from './features/devices/index.ts';
import type { Aliases } from './features/directory/index.ts';
import { UserRooms, type MembershipService } from './features/membership/index.ts';
import { openIdClientRoutes, openIdRoutes, OpenIdTokens } from './features/openid/index.ts';
import { ProfileEditor, ProfileLookup, profilesRoutes, type Profiles } from './features/profiles/index.ts';
import {
  AccountCreator,
  AutoJoin,
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
import type { RoomCreator } from './features/rooms/index.ts';
import { Login, Logout, sessionsRoutes } from './features/sessions/index.ts';
import type { UserDirectory } from './features/user-directory/index.ts';
import { dummyStage, Reauthentication, UserInteractiveAuth } from './features/user-interactive-auth/index.ts';
import { RateLimiter, type Route } from './http/index.ts';
import type { Log } from './observability/log.ts';
import { version } from './version.ts';

export interface AccountsNeeds {
  readonly log: Log;
  readonly profiles: Profiles;
  readonly userDirectory: UserDirectory;
  readonly aliases: Aliases;
  readonly membership: MembershipService;
  readonly rooms: RoomCreator;
}

export interface AccountsWiring {
  readonly routes: readonly Route[];
  /** For the listener resource `openid`. */
  readonly openIdRoutes: readonly Route[];
  /** For the listener resource `consent`. */
  readonly consentRoutes: readonly Route[];
  /** For operations of other features that ask for user-interactive authentication. */
  readonly reauthentication: Reauthentication;
  readonly registration: Registration;
  readonly deactivation: Deactivation;
  readonly profileEditor: ProfileEditor;
  readonly profileLookup: ProfileLookup;
  /** Goes on with what an earlier run left to do; when all features are wired. */
  start(): void;
  stop(): Promise<void>;
}

/** Puts together what has to do with people: registration, login, devices, profiles. */
export async function wireAccounts(core: Core, needs: AccountsNeeds): Promise<AccountsWiring> {
  const { config, runtime, serverName, database, counters, names, members, accounts, passwords, devices, sessions } =
    core;
  const { log, profiles, membership, userDirectory } = needs;
  const { clock, random } = runtime;
  const { rateLimits } = config;

  const passwordRules = new PasswordRules(config.password.policy);
  const failedAttempts = new RateLimiter(clock, rateLimits.loginFailedAttempts);
  const checker = new PasswordChecker({ names, accounts, passwords, serverName, failedAttempts });

  const jobs = await UserJobs.open({
    database,
    counters,
    timers: runtime.timers,
    onFailure: (kind, error) => log.error({ err: error, job: kind }, 'Work for a user failed; it will be tried again'),
  });
  const userRooms = new UserRooms({
    names,
    members,
    membership,
    actingAs,
    onRefusal: (error) => log.warn({ err: error }, "A user's change couldn't be brought into one of their rooms"),
  });

  const auth = await UserInteractiveAuth.open({ database, counters, ...runtime });
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

  const userNames = new UserNames({
    accounts,
    serverName,
    allowUnderscore: config.registration.allowUnderscorePrefixedLocalpart,
    reserved: config.serverNotices?.localpart,
  });
  const autoJoin = new AutoJoin({
    ...core,
    ...needs,
    jobs,
    timers: runtime.timers,
    config: config.registration.autoJoin,
    onFailure: (alias, error) =>
      log.warn({ err: error, alias }, "A new user couldn't be brought into a room of auto_join_rooms"),
  });
  const registration = new Registration({
    database,
    config: config.registration,
    auth,
    flows: registrationFlows(config.registration, terms !== undefined),
    passwords,
    block: core.serverBlock,
    passwordRules,
    sessions,
    userNames,
    creator: await AccountCreator.open({
      database,
      counters,
      names,
      accounts,
      profiles,
      directory: userDirectory,
      userNames,
    }),
    tokens: registrationTokens,
    guestTokens: new GuestTokens(sessions),
    welcome: autoJoin,
    limiter: new RateLimiter(clock, rateLimits.registration),
    keptPasswords: new RateLimiter(clock, { perSecond: 0.2, burstCount: 20 }),
    defaultUserType: config.server.userTypes.default,
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
    block: core.serverBlock,
    passwordsEnabled: config.password.enabledForLogin && config.password.localDatabaseEnabled,
    limits: {
      address: new RateLimiter(clock, rateLimits.loginAddress),
      account: new RateLimiter(clock, rateLimits.loginAccount),
    },
  });
  const logout = new Logout(database, devices, sessions);
  const passwordChange = new PasswordChange({
    database,
    accounts,
    passwords,
    rules: passwordRules,
    sessions: logout,
    enabled: config.password.localDatabaseEnabled,
  });
  const openIdTokens = await OpenIdTokens.open({ database, counters, ...runtime });
  const deactivation = new Deactivation(database, accounts, jobs, userRooms);
  deactivation.onDeactivate((writer, user) => logout.allIn(writer, user));
  deactivation.onDeactivate((writer, user) => openIdTokens.removeOfUser(writer, user));
  deactivation.onDeactivate(async (writer, user, erase) => {
    if (erase) await profiles.remove(writer, user);
    await userDirectory.refresh(writer, user);
  });
  const profileEditor = new ProfileEditor({
    database,
    names,
    accounts,
    profiles,
    jobs,
    propagation: userRooms,
    config: config.profiles,
  });
  const profileLookup = new ProfileLookup({
    names,
    accounts,
    profiles,
    members,
    serverName,
    config: config.profiles,
    limiter: new RateLimiter(clock, rateLimits.profile),
  });

  return {
    routes: [
      ...sessionsRoutes({ sessions, login, logout, serverName, wellKnown: clientWellKnown(config) }),
      ...accountsRoutes({ passwordChange, passwordRules, deactivation, reauthentication }),
      ...devicesRoutes(new DeviceManager(database, devices, core.lastSeen), reauthentication),
      ...profilesRoutes(profileLookup, profileEditor),
      ...openIdClientRoutes(openIdTokens, serverName),
      ...adminRoutes(version),
      ...registrationRoutes({
        registration,
        tokens: registrationTokens,
        sharedSecret,
        serverName,
        tokenValidityLimiter: new RateLimiter(clock, rateLimits.registrationTokenValidity),
      }),
      ...capabilitiesRoutes(config, {
        defaultRoomVersion: config.server.defaultRoomVersion,
        changesPasswords: config.password.enabledForReauth && config.password.localDatabaseEnabled,
        setsDisplayname: config.profiles.allowSetDisplayname,
        setsAvatarUrl: config.profiles.allowSetAvatarUrl,
      }),
    ],
    openIdRoutes: openIdRoutes(openIdTokens, names),
    consentRoutes: config.consent
      ? consentRoutes(new ConsentService({ ...core, consent: config.consent, links: core.consentLinks }))
      : [],
    reauthentication,
    registration,
    deactivation,
    profileEditor,
    profileLookup,
    start: () => jobs.start(),
    async stop() {
      auth.stop();
      openIdTokens.stop();
      await jobs.stop();
      await core.lastSeen.stop();
    },
  };
}
