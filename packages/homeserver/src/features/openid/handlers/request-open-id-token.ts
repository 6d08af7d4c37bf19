import { MatrixError, type requestOpenIdToken } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { openIdLifetime, type OpenIdTokens } from '../openid-tokens.ts';

export function requestOpenIdTokenHandler(
  tokens: OpenIdTokens,
  serverName: string,
): Handler<typeof requestOpenIdToken> {
  return async ({ params, requester }) => {
    if (params.userId !== requester.userId)
      throw new MatrixError('M_FORBIDDEN', 'Cannot request tokens for other users.');
    return {
      access_token: await tokens.create(requester.user),
      token_type: 'Bearer',
      matrix_server_name: serverName,
      expires_in: openIdLifetime / 1000,
    };
  };
}
