import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { emailTokenRequest, tokenRequestAnswer } from '../shapes/third-party-ids.ts';

export const requestTokenToRegisterEmail = endpoint({
  id: 'requestTokenToRegisterEmail',
  summary: 'Ask for a token to register with an address',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/register/email/requestToken'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: emailTokenRequest,
  response: tokenRequestAnswer,
});
