import { Type } from 'typebox';
import { jsonObject, mapOf } from '../../shared.ts';

/** A network that a bridge leads to. Client-Server API, Third-party networks. */
export const thirdPartyProtocol = Type.Object({
  user_fields: Type.Array(Type.String()),
  location_fields: Type.Array(Type.String()),
  icon: Type.String(),
  field_types: mapOf(Type.Object({ regexp: Type.String(), placeholder: Type.String() })),
  instances: Type.Array(
    Type.Object({
      desc: Type.String(),
      network_id: Type.String(),
      fields: jsonObject,
      icon: Type.Optional(Type.String()),
      instance_id: Type.Optional(Type.String()),
    }),
  ),
});
