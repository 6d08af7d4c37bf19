import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const getPushers = endpoint({
  id: 'getPushers',
  summary: 'The pushers of the account',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/pushers'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({
    pushers: Type.Array(
      withMore(
        Type.Object({
          pushkey: Type.String(),
          kind: Type.String(),
          app_id: Type.String(),
          app_display_name: Type.String(),
          device_display_name: Type.String(),
          lang: Type.String(),
          profile_tag: Type.Optional(nullable(Type.String())),
          data: jsonObject,
        }),
      ),
    ),
  }),
});
