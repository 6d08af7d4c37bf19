import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing, nullable, oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const createRoom = endpoint({
  id: 'createRoom',
  summary: 'Create a room',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/createRoom'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({
    visibility: Type.Optional(nullable(oneOf(['public', 'private']))),
    room_alias_name: Type.Optional(nullable(Type.String())),
    name: Type.Optional(nullable(Type.String())),
    topic: Type.Optional(nullable(Type.String())),
    invite: Type.Optional(Type.Array(Type.String())),
    invite_3pid: Type.Optional(
      Type.Array(
        Type.Object({
          id_server: Type.String(),
          id_access_token: Type.Optional(Type.String()),
          medium: Type.String(),
          address: Type.String(),
        }),
      ),
    ),
    room_version: Type.Optional(Type.String()),
    creation_content: Type.Optional(jsonObject),
    initial_state: Type.Optional(
      Type.Array(Type.Object({ type: Type.String(), state_key: Type.Optional(Type.String()), content: jsonObject })),
    ),
    preset: Type.Optional(nullable(oneOf(['private_chat', 'public_chat', 'trusted_private_chat']))),
    is_direct: Type.Optional(Type.Boolean()),
    power_level_content_override: Type.Optional(jsonObject),
  }),
  response: Type.Object({ room_id: Type.String() }),
});
