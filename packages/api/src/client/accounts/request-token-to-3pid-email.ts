import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { emailTokenRequest, tokenRequestAnswer } from '../shapes/third-party-ids.ts';

export const requestTokenTo3PIDEmail = endpoint({
  id: 'requestTokenTo3PIDEmail',
  summary: 'Ask for a token to add an address',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/3pid/email/requestToken'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: emailTokenRequest,
  response: tokenRequestAnswer,
});
