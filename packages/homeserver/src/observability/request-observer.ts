import type { RequestObserver } from '../http/index.ts';
import type { Log } from './log.ts';

/** Tells the log of each finished request, and of our own faults with their stack. */
export function requestObserver(log: Log): RequestObserver {
  return {
    started() {},
    finished(endpoint, info) {
      log.info({ request: info.id, operation: endpoint.id, status: info.status, ms: Math.round(info.milliseconds), user: info.user, ip: info.ip }, 'request');
    },
    fault(endpoint, request, error) {
      log.error({ request, operation: endpoint?.id, err: error }, 'a request failed');
    },
  };
}
