import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

/** Answers `OK` as plain text. */
export const getHealth = endpoint({
  id: 'getHealth',
  summary: 'Is the server alive',
  source: 'synapse',
  method: 'GET',
  paths: ['/health'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: 'bytes',
});
