import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

/** A small page for people who open the server's address in a browser. */
export const getStatusPage = endpoint({
  id: 'getStatusPage',
  summary: 'The status page',
  source: 'myelin',
  method: 'GET',
  paths: ['/', '/_matrix/static/'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: 'bytes',
});
