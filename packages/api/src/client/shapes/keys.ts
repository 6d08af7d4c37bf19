import { Type } from 'typebox';
import { mapOf, withMore } from '../../shared.ts';

/** By user or server, then by key: signatures in unpadded base64. Appendices, Signing JSON. */
export const signatures = mapOf(mapOf(Type.String()));

/** The identity keys of a device. Client-Server API, Device keys. */
export const deviceKeys = withMore(
  Type.Object({
    user_id: Type.String(),
    device_id: Type.String(),
    algorithms: Type.Array(Type.String()),
    keys: mapOf(Type.String()),
    signatures,
  }),
);

/** By `algorithm:id`, a one-time or fallback key: bare, or signed by its device. */
export const oneTimeKeys = mapOf(
  Type.Union([
    Type.String(),
    withMore(Type.Object({ key: Type.String(), signatures, fallback: Type.Optional(Type.Boolean()) })),
  ]),
);

/** A master, self-signing or user-signing key. Client-Server API, Cross-signing. */
export const crossSigningKey = withMore(
  Type.Object({
    user_id: Type.String(),
    usage: Type.Array(Type.String()),
    keys: mapOf(Type.String()),
    signatures: Type.Optional(signatures),
  }),
);
