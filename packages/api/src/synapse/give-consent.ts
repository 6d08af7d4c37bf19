import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

/** A form of the terms' page is sent: `u`, `h` and `v` as in its address, which may have them too. */
export const giveConsent = endpoint({
  id: 'giveConsent',
  summary: 'Agree to the terms of the server',
  source: 'synapse',
  method: 'POST',
  paths: ['/_matrix/consent'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({
    u: Type.Optional(Type.String()),
    h: Type.Optional(Type.String()),
    v: Type.Optional(Type.String()),
  }),
  body: 'bytes',
  response: 'bytes',
});
