import { federation, requestOpenIdToken } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { Names } from '../names/index.ts';
import { exchangeOpenIdTokenHandler } from './handlers/exchange-open-id-token.ts';
import { requestOpenIdTokenHandler } from './handlers/request-open-id-token.ts';
import type { OpenIdTokens } from './openid-tokens.ts';

export function openIdClientRoutes(tokens: OpenIdTokens, serverName: string): Route[] {
  return [route(requestOpenIdToken, requestOpenIdTokenHandler(tokens, serverName))];
}

/** For the listener resource `openid`. */
export function openIdRoutes(tokens: OpenIdTokens, names: Names): Route[] {
  return [route(federation.exchangeOpenIdToken, exchangeOpenIdTokenHandler(tokens, names))];
}
