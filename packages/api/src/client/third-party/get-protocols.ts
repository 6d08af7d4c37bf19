import { endpoint } from '../../endpoint.ts';
import { mapOf, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { thirdPartyProtocol } from '../shapes/third-party-networks.ts';

export const getProtocols = endpoint({
  id: 'getProtocols',
  summary: 'The networks that bridges lead to',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/thirdparty/protocols'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: mapOf(thirdPartyProtocol),
});
