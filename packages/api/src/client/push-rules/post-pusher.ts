import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** A `kind` of null removes the pusher; else all but `profile_tag` and `append` are needed. */
export const postPusher = endpoint({
  id: 'postPusher',
  summary: 'Set or remove a pusher',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/pushers/set'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({
    pushkey: Type.String(),
    app_id: Type.String(),
    kind: nullable(Type.String()),
    app_display_name: Type.Optional(nullable(Type.String())),
    device_display_name: Type.Optional(nullable(Type.String())),
    lang: Type.Optional(nullable(Type.String())),
    profile_tag: Type.Optional(nullable(Type.String())),
    data: Type.Optional(
      nullable(withMore(Type.Object({ url: Type.Optional(Type.String()), format: Type.Optional(Type.String()) }))),
    ),
    append: Type.Optional(Type.Boolean()),
  }),
  response: emptyObject,
});
