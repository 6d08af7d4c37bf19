import type { OutboundHttp } from '@myelin/runtime';
import type { FederationTransport } from '../features/federation-client/index.ts';
import type { Metrics } from './metrics.ts';

/** Counts the calls of other servers and what comes of them. */
export function countedTransport(transport: FederationTransport, metrics: Metrics): FederationTransport {
  const prefix = 'synapse_http_matrixfederationclient';
  const requests = metrics.counter(`${prefix}_requests_total`, 'Requests to other servers', ['method']);
  const responses = metrics.counter(`${prefix}_responses_total`, 'Answers of other servers', ['method', 'code']);
  return {
    async exchange(request) {
      const { method } = request;
      requests.inc({ method });
      const response = await transport.exchange(request);
      responses.inc({ method, code: codeOf(response.status) });
      return response;
    },
  };
}

/** Counts the other requests that go out. */
export function countedHttp(http: OutboundHttp, metrics: Metrics): OutboundHttp {
  const requests = metrics.counter('synapse_http_client_requests_total', 'Requests to elsewhere', ['method']);
  const responses = metrics.counter('synapse_http_client_responses_total', 'Answers from elsewhere', [
    'method',
    'code',
  ]);
  return {
    async request(request) {
      const { method } = request;
      requests.inc({ method });
      try {
        const response = await http.request(request);
        responses.inc({ method, code: codeOf(response.status) });
        return response;
      } catch (error) {
        responses.inc({ method, code: 'ERR' });
        throw error;
      }
    },
    close: () => http.close(),
  };
}

/** The other side chooses its statuses: those that don't exist are one. */
function codeOf(status: number): string {
  return status >= 100 && status <= 599 ? String(status) : 'other';
}
