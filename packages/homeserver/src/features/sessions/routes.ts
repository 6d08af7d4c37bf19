import { getLoginFlows, getTokenOwner, login, logout, logoutAll, refresh } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { getLoginFlowsHandler } from './handlers/get-login-flows.ts';
import { getTokenOwnerHandler } from './handlers/get-token-owner.ts';
import { loginHandler } from './handlers/login.ts';
import { logoutAllHandler } from './handlers/logout-all.ts';
import { logoutHandler } from './handlers/logout.ts';
import { refreshHandler } from './handlers/refresh.ts';
import type { Login } from './login.ts';
import type { Logout } from './logout.ts';
import type { Sessions } from './sessions.ts';

export interface SessionRoutesParts {
  readonly sessions: Sessions;
  readonly login: Login;
  readonly logout: Logout;
  readonly serverName: string;
  /** The client well-known, if it is served. */
  readonly wellKnown: Readonly<Record<string, unknown>> | undefined;
}

export function sessionsRoutes(parts: SessionRoutesParts): Route[] {
  return [
    route(getLoginFlows, getLoginFlowsHandler(parts.login)),
    route(login, loginHandler(parts.login, parts.serverName, parts.wellKnown)),
    route(refresh, refreshHandler(parts.sessions)),
    route(logout, logoutHandler(parts.logout)),
    route(logoutAll, logoutAllHandler(parts.logout)),
    route(getTokenOwner, getTokenOwnerHandler()),
  ];
}
