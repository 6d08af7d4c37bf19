import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';
import { authenticationData } from '../shapes/authentication-data.ts';
import { crossSigningKey } from '../shapes/keys.ts';

export const uploadCrossSigningKeys = endpoint({
  id: 'uploadCrossSigningKeys',
  summary: 'Publish cross-signing keys',
  source: 'client-server',
  method: 'POST',
  paths: clientPathsIn(['v3', 'unstable'], '/keys/device_signing/upload'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({
    auth: Type.Optional(authenticationData),
    master_key: Type.Optional(crossSigningKey),
    self_signing_key: Type.Optional(crossSigningKey),
    user_signing_key: Type.Optional(crossSigningKey),
  }),
  response: emptyObject,
});
