import type { OutboundHttp } from '@myelin/runtime';
import type { Metrics } from './metrics.ts';

/** Counts the requests that go out to elsewhere than homeservers. */
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
        responses.inc({ method, code: statusLabel(response.status) });
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
export function statusLabel(status: number): string {
  return status >= 100 && status <= 599 ? String(status) : 'other';
}
