import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { jsonObject, mapOf, nothing } from '../shared.ts';

/** The signatures by server, then by key; empty where the policy server refuses. */
export const askPolicyServerToSign = endpoint({
  id: 'federation.askPolicyServerToSign',
  summary: 'Ask a policy server to sign an event',
  source: 'server-server',
  method: 'POST',
  paths: ['/_matrix/policy/v1/sign'],
  auth: 'server',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: jsonObject,
  response: mapOf(mapOf(Type.String())),
});
