import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { msisdnTokenRequest, tokenRequestAnswer } from '../shapes/third-party-ids.ts';

export const requestTokenToResetPasswordMSISDN = endpoint({
  id: 'requestTokenToResetPasswordMSISDN',
  summary: 'Ask for a token to reset the password by phone',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/password/msisdn/requestToken'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: msisdnTokenRequest,
  response: tokenRequestAnswer,
});
