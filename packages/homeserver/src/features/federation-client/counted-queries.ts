import { federation } from '@myelin/api';
import type { Metrics } from '../../observability/metrics.ts';
import type { FederationClient } from './federation-client.ts';

/** What is counted as a query, by Synapse's names. */
const types: ReadonlyMap<string, string> = new Map([
  [federation.queryProfile.id, 'profile'],
  [federation.queryRoomDirectory.id, 'directory'],
  [federation.queryUserEncryptionKeys.id, 'client_device_keys'],
  [federation.claimUserEncryptionKeys.id, 'client_one_time_keys'],
  [federation.getUserDevices.id, 'user_devices'],
]);

/** Counts what other servers are asked about people and names. */
export function countedQueries(client: FederationClient, metrics: Metrics): FederationClient {
  const queries = metrics.counter(
    'synapse_federation_client_sent_queries_total',
    'Questions to other servers about people and names',
    ['type'],
  );
  return {
    call(destination, endpoint, input, options) {
      const type = types.get(endpoint.id);
      if (type !== undefined) queries.inc({ type });
      return client.call(destination, endpoint, input, options);
    },
    stream: (destination, endpoint, input, options) => client.stream(destination, endpoint, input, options),
  };
}
