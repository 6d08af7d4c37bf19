import type { Metrics } from '../../observability/metrics.ts';
import type { RenderedItem } from './item.ts';

/** What the figures are read from when somebody asks. */
export interface Pending {
  readonly destinations: number;
  readonly pdus: number;
  readonly edus: number;
}

/** The figures of sending, by Synapse's names. */
export interface OutboundMetrics {
  /** A transaction was taken. */
  sent(destination: string, items: readonly RenderedItem[]): void;
  /** An event is to go to so many servers. */
  offered(destinations: number): void;
  /** The presence of users is to go to other servers. */
  presenceSent(users: number): void;
}

export const noOutboundMetrics: OutboundMetrics = { sent() {}, offered() {}, presenceSent() {} };

/** `shown`: the servers of `federation_metrics_domains`. */
export function outboundMetrics(
  metrics: Metrics,
  shown: ReadonlySet<string>,
  now: () => number,
  pending: () => Pending,
): OutboundMetrics {
  const transactions = metrics.counter(
    'synapse_federation_client_sent_transactions_total',
    'Transactions that other servers took',
  );
  const edus = metrics.counter('synapse_federation_client_sent_edus_total', 'EDUs that other servers took');
  const edusByType = metrics.counter('synapse_federation_client_sent_edus_by_type_total', 'The same by type', ['type']);
  const events = metrics.counter('synapse_federation_client_events_processed_total', 'Events that were to be sent');
  const pdus = metrics.counter('synapse_federation_client_sent_pdu_destinations_count_total', 'Events to be sent');
  const total = metrics.counter(
    'synapse_federation_client_sent_pdu_destinations_total',
    'Servers that events were to be sent to',
  );
  const presence = metrics.counter(
    'synapse_handler_presence_federation_presence_out_total',
    'Changes of presence to be sent to other servers',
  );
  const lastSent = metrics.labelledGauge(
    'synapse_federation_last_sent_pdu_time',
    'When an event was last sent to a server, in seconds since 1970',
    ['destination_server_name'],
  );
  const prefix = 'synapse_federation_transaction_queue_pending';
  metrics.gauge(`${prefix}_destinations`, 'Servers that something waits for', () => pending().destinations);
  metrics.gauge(`${prefix}_pdus`, 'Events that wait in memory, for each server', () => pending().pdus);
  metrics.gauge(`${prefix}_edus`, 'EDUs that wait in memory, for each server', () => pending().edus);
  return {
    sent(destination, items) {
      transactions.inc();
      let hasPdu = false;
      for (const { kind, name } of items) {
        if (kind === 'pdu') hasPdu = true;
        else {
          edus.inc();
          edusByType.inc({ type: name });
        }
      }
      if (hasPdu && shown.has(destination)) lastSent.set({ destination_server_name: destination }, now() / 1000);
    },
    offered(destinations) {
      events.inc();
      pdus.inc();
      total.inc(destinations);
    },
    presenceSent: (users) => presence.inc(users),
  };
}
