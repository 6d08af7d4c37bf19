import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

export const getMetrics = endpoint({
  id: 'getMetrics',
  summary: 'Figures for Prometheus',
  source: 'synapse',
  method: 'GET',
  paths: ['/_synapse/metrics'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: 'bytes',
});
