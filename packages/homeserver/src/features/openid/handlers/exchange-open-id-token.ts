import { MatrixError, type federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Names } from '../../names/index.ts';
import type { OpenIdTokens } from '../openid-tokens.ts';

export function exchangeOpenIdTokenHandler(
  tokens: OpenIdTokens,
  names: Names,
): Handler<typeof federation.exchangeOpenIdToken> {
  return async ({ query }) => {
    if (!query.access_token) throw new MatrixError('M_MISSING_TOKEN', 'Access Token required');
    const user = await tokens.owner(query.access_token);
    if (user === undefined) throw new MatrixError('M_UNKNOWN_TOKEN', 'Access Token unknown or expired');
    return { sub: await names.userId(user) };
  };
}
