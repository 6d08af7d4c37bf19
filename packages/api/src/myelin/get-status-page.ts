import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

/** A small page that says that the server runs. */
export const getStatusPage = endpoint({
  id: 'getStatusPage',
  summary: 'The status page',
  source: 'myelin',
  method: 'GET',
  paths: ['/_matrix/static/'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: 'bytes',
});
