import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { emailTokenRequest, tokenRequestAnswer } from '../shapes/third-party-ids.ts';

export const requestTokenToResetPasswordEmail = endpoint({
  id: 'requestTokenToResetPasswordEmail',
  summary: 'Ask for a token to reset the password by e-mail',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/password/email/requestToken'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: emailTokenRequest,
  response: tokenRequestAnswer,
});
