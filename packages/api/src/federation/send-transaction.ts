import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { integer, largeBody, mapOf, nothing, nullable } from '../shared.ts';

/** The items are looked at one by one, so that a bad one is refused alone. Older servers end the path with a slash. */
export const sendTransaction = endpoint({
  id: 'federation.sendTransaction',
  summary: 'Take events and ephemeral messages',
  source: 'server-server',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/send/:txnId', '/_matrix/federation/v1/send/:txnId/'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ txnId: Type.String() }),
  query: nothing,
  body: Type.Object({
    origin: Type.Optional(Type.String()),
    origin_server_ts: Type.Optional(integer),
    pdus: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 50 })),
    edus: Type.Optional(nullable(Type.Array(Type.Unknown(), { maxItems: 100 }))),
  }),
  response: Type.Object({ pdus: mapOf(Type.Object({ error: Type.Optional(Type.String()) })) }),
  bodyLimit: largeBody,
});
