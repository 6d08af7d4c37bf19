import { section } from '../option.ts';

export const federationOptions = section('Federation', 'Speaking with other servers.', [
  ['federation_domain_whitelist', 'list', undefined, 'Servers to federate with; without it all.'],
  ['federation_whitelist_endpoint_enabled', 'boolean', false, 'Tell clients which servers these are.'],
  ['federation_metrics_domains', 'list', [], 'Servers that get metrics of their own.'],
  ['allow_profile_lookup_over_federation', 'boolean', true, 'Show profiles to other servers.'],
  ['allow_device_name_lookup_over_federation', 'boolean', false, 'Show names of devices to other servers.'],
  ['federation', 'map', undefined, 'Requests to other servers.'],
  ['federation.client_timeout', 'duration', '60s', 'How long to wait for an answer.'],
  ['federation.max_short_retry_delay', 'duration', '2s', 'Longest wait between the quick attempts of one request.'],
  ['federation.max_long_retry_delay', 'duration', '60s', 'Longest wait between its slow attempts.'],
  ['federation.max_short_retries', 'integer', 3, 'Quick attempts.'],
  ['federation.max_long_retries', 'integer', 10, 'Slow attempts.'],
  ['federation.destination_min_retry_interval', 'duration', '10m', "First pause after a server couldn't be reached."],
  ['federation.destination_retry_multiplier', 'integer', 2, 'By which each further pause grows.'],
  ['federation.destination_max_retry_interval', 'duration', '1w', 'Longest pause.'],
]);
