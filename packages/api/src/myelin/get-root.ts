import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

/** What is shown to people who open the server's address in a browser: the status page, or the web client. */
export const getRoot = endpoint({
  id: 'getRoot',
  summary: 'The page at the address of the server',
  source: 'myelin',
  method: 'GET',
  paths: ['/'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: 'bytes',
});
