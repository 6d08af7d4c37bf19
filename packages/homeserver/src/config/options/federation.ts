import { section } from '../option.ts';

export const federationOptions = section('Federation', '', [
  ['federation_domain_whitelist', 'list', undefined, ''],
  ['federation_whitelist_endpoint_enabled', 'boolean', false, ''],
  ['federation_metrics_domains', 'list', [], ''],
  ['allow_profile_lookup_over_federation', 'boolean', true, ''],
  ['allow_device_name_lookup_over_federation', 'boolean', false, ''],
  ['federation', 'map', undefined, ''],
  ['federation.client_timeout', 'duration', '60s', ''],
  ['federation.max_short_retry_delay', 'duration', '2s', ''],
  ['federation.max_long_retry_delay', 'duration', '60s', ''],
  ['federation.max_short_retries', 'integer', 3, ''],
  ['federation.max_long_retries', 'integer', 10, ''],
  ['federation.destination_min_retry_interval', 'duration', '10m', ''],
  ['federation.destination_retry_multiplier', 'integer', 2, ''],
  ['federation.destination_max_retry_interval', 'duration', '1w', ''],
]);
