import { Type } from 'typebox';
import { integer, mapOf, withMore } from '../../shared.ts';

/** What a server says of its signing keys, signed by itself; keys in unpadded base64. Server-Server API, Publishing keys. */
export const serverKeys = withMore(
  Type.Object({
    server_name: Type.String(),
    verify_keys: mapOf(withMore(Type.Object({ key: Type.String() }))),
    old_verify_keys: Type.Optional(mapOf(withMore(Type.Object({ key: Type.String(), expired_ts: integer })))),
    signatures: mapOf(mapOf(Type.String())),
    valid_until_ts: integer,
  }),
);
