import { Type } from 'typebox';
import { integer, nullable } from '../../shared.ts';

/** A random text by which a client recognises its own request. Client-Server API, Adding account administrative contact information. */
export const clientSecret = Type.String({ minLength: 1, maxLength: 255, pattern: '^[0-9a-zA-Z.=_-]+$' });

const tokenRequest = {
  client_secret: clientSecret,
  send_attempt: integer,
  next_link: Type.Optional(nullable(Type.String())),
  id_server: Type.Optional(nullable(Type.String())),
  id_access_token: Type.Optional(nullable(Type.String())),
};

export const emailTokenRequest = Type.Object({ ...tokenRequest, email: Type.String() });

/** `country` is a two-letter code of ISO 3166-1. */
export const msisdnTokenRequest = Type.Object({
  ...tokenRequest,
  country: Type.String({ pattern: '^[A-Z]{2}$' }),
  phone_number: Type.String(),
});

export const tokenRequestAnswer = Type.Object({ sid: Type.String(), submit_url: Type.Optional(Type.String()) });
