import { Type } from 'typebox';
import { nullable, withMore } from '../../shared.ts';

/** The `auth` member of a request: what a stage of user-interactive authentication needs. Client-Server API, User-Interactive Authentication API. */
export const authenticationData = nullable(
  withMore(Type.Object({ type: Type.Optional(Type.String()), session: Type.Optional(Type.String()) })),
);
