import type { RequestObserver } from '../http/index.ts';
import type { LoggingConfig } from '../config/index.ts';
import { areaLog } from './area-log.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Tells log and metrics of each request, and the log of our own faults with their stack. */
export function requestObserver(log: Log, logging: LoggingConfig, metrics: Metrics): RequestObserver {
  const requests = areaLog(log, logging, 'access.http');
  const faults = areaLog(log, logging, 'http.server');
  return {
    started(endpoint) {
      metrics.requestStarted(endpoint);
    },
    finished(endpoint, info) {
      metrics.requestFinished(endpoint, info.status, info.milliseconds);
      requests.info(
        {
          request: info.id,
          operation: endpoint.id,
          status: info.status,
          ms: Math.round(info.milliseconds),
          user: info.user,
          ip: info.ip,
        },
        'request',
      );
    },
    fault(endpoint, request, error) {
      faults.error({ request, operation: endpoint?.id, err: error }, 'a request failed');
    },
  };
}
