import type { Clock } from '@myelin/runtime';
import type { Metrics } from '../../observability/metrics.ts';

/** The figures of what other servers send, by Synapse's names. */
export interface InboundMetrics {
  /** Events have come; they are waited for. */
  pdus(origin: string, count: number): Awaited;
  edus(count: number): void;
  /** An event was dealt with, in so many milliseconds. */
  pduDone(milliseconds: number): void;
  /** The current state was against an event, whether it was sent or fetched. */
  softFailed(): void;
}

/** Events of one transaction. */
export interface Awaited {
  /** One was dealt with. */
  done(): void;
  /** All were, those too that there was nothing to do for. */
  end(): void;
}

/** Seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** `shown`: the servers of `federation_metrics_domains`. */
export function inboundMetrics(metrics: Metrics, shown: ReadonlySet<string>, clock: Clock): InboundMetrics {
  const prefix = 'synapse_federation_server';
  const pdus = metrics.counter(`${prefix}_received_pdus_total`, 'Events that other servers sent');
  const edus = metrics.counter(`${prefix}_received_edus_total`, 'EDUs that other servers sent');
  const times = metrics.histogram(`${prefix}_pdu_process_time`, 'Time to take in an event, in seconds', buckets);
  const softFailed = metrics.counter(
    'synapse_federation_soft_failed_events_total',
    'Events of other servers that the current state refuses',
  );
  const last = metrics.labelledGauge(
    'synapse_federation_last_received_pdu_time',
    'When a server last sent an event, in seconds since 1970',
    ['origin_server_name'],
  );
  // In the order in which they came, so that the oldest is the first.
  const waiting = new Set<{ readonly since: number; count: number }>();
  let total = 0;
  metrics.gauge(
    `${prefix}_number_inbound_pdu_in_staging`,
    'Events of other servers that are being taken in',
    () => total,
  );
  metrics.gauge(`${prefix}_oldest_inbound_pdu_in_staging`, 'How long the oldest of them has waited, in ms', () => {
    const [first] = waiting;
    return first ? clock.monotonic() - first.since : 0;
  });
  const awaited = (count: number): Awaited => {
    const entry = { since: clock.monotonic(), count };
    if (count > 0) waiting.add(entry);
    total += count;
    return {
      done() {
        entry.count--;
        total--;
      },
      end() {
        total -= entry.count;
        entry.count = 0;
        waiting.delete(entry);
      },
    };
  };
  return {
    pdus(origin, count) {
      pdus.inc(count);
      if (count > 0 && shown.has(origin)) last.set({ origin_server_name: origin }, clock.now() / 1000);
      return awaited(count);
    },
    edus: (count) => edus.inc(count),
    pduDone: (milliseconds) => times.observe(milliseconds / 1000),
    softFailed: () => softFailed.inc(),
  };
}
