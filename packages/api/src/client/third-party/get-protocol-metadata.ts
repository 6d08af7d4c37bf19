import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { thirdPartyProtocol } from '../shapes/third-party-networks.ts';

export const getProtocolMetadata = endpoint({
  id: 'getProtocolMetadata',
  summary: 'A network that bridges lead to',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/thirdparty/protocol/:protocol'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ protocol: Type.String() }),
  query: nothing,
  body: undefined,
  response: thirdPartyProtocol,
});
