import type { Context } from './context.ts';

/** Lifetimes in milliseconds. */
export interface SessionsConfig {
  /** undefined: a session ends only when somebody ends it. */
  readonly sessionLifetimeMs: number | undefined;
  /** undefined: there are no refresh tokens. */
  readonly refreshableAccessTokenLifetimeMs: number | undefined;
  readonly refreshTokenLifetimeMs: number | undefined;
  readonly nonrefreshableAccessTokenLifetimeMs: number | undefined;
  /** For so long a password given once in user-interactive authentication is enough. 0: never. */
  readonly uiAuthSessionTimeoutMs: number;
  readonly loginViaExistingSession: {
    readonly enabled: boolean;
    readonly requireUiAuth: boolean;
    readonly tokenTimeoutMs: number;
  };
}

export function readSessions({ values }: Context): SessionsConfig {
  const sessionLifetimeMs = values.optionalDuration('session_lifetime');
  const refreshableAccessTokenLifetimeMs = values.isNull('refreshable_access_token_lifetime')
    ? undefined
    : values.optionalDuration('refreshable_access_token_lifetime');
  const refreshTokenLifetimeMs = values.optionalDuration('refresh_token_lifetime');
  const nonrefreshableAccessTokenLifetimeMs = values.optionalDuration('nonrefreshable_access_token_lifetime');
  const within: readonly (readonly [string, number | undefined])[] = [
    [
      'refreshable_access_token_lifetime',
      values.has('refreshable_access_token_lifetime') ? refreshableAccessTokenLifetimeMs : undefined,
    ],
    ['nonrefreshable_access_token_lifetime', nonrefreshableAccessTokenLifetimeMs],
    ['refresh_token_lifetime', refreshTokenLifetimeMs],
  ];
  for (const [name, ms] of within) {
    if (sessionLifetimeMs !== undefined && ms !== undefined && sessionLifetimeMs < ms) {
      throw values.fail(name, "can't be longer than session_lifetime");
    }
  }
  return {
    sessionLifetimeMs,
    refreshableAccessTokenLifetimeMs,
    refreshTokenLifetimeMs,
    nonrefreshableAccessTokenLifetimeMs,
    uiAuthSessionTimeoutMs: values.duration('ui_auth.session_timeout'),
    loginViaExistingSession: {
      enabled: values.boolean('login_via_existing_session.enabled'),
      requireUiAuth: values.boolean('login_via_existing_session.require_ui_auth'),
      tokenTimeoutMs: values.duration('login_via_existing_session.token_timeout'),
    },
  };
}
