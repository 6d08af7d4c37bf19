import type { Metrics } from '../../observability/metrics.ts';
import { statusLabel } from '../../observability/outgoing-metrics.ts';
import type { FederationTransport } from './federation-transport.ts';

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
      responses.inc({ method, code: statusLabel(response.status) });
      return response;
    },
  };
}
