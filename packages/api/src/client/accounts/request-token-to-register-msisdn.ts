import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { msisdnTokenRequest, tokenRequestAnswer } from '../shapes/third-party-ids.ts';

export const requestTokenToRegisterMSISDN = endpoint({
  id: 'requestTokenToRegisterMSISDN',
  summary: 'Ask for a token to register with a phone number',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/register/msisdn/requestToken'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: msisdnTokenRequest,
  response: tokenRequestAnswer,
});
