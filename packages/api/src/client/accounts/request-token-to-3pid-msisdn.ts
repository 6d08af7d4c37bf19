import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { msisdnTokenRequest, tokenRequestAnswer } from '../shapes/third-party-ids.ts';

export const requestTokenTo3PIDMSISDN = endpoint({
  id: 'requestTokenTo3PIDMSISDN',
  summary: 'Ask for a token to add a phone number',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/3pid/msisdn/requestToken'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: msisdnTokenRequest,
  response: tokenRequestAnswer,
});
