import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

/** `u` and `h` name a user and prove it; `v` is the version of the terms, the present one without it. */
export const getConsentPage = endpoint({
  id: 'getConsentPage',
  summary: 'The page with the terms of the server',
  source: 'synapse',
  method: 'GET',
  paths: ['/_matrix/consent'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({
    u: Type.Optional(Type.String()),
    h: Type.Optional(Type.String()),
    v: Type.Optional(Type.String()),
  }),
  body: undefined,
  response: 'bytes',
});
