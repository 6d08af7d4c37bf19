import { section } from '../option.ts';

export const tracingOptions = section('Tracing', '', [
  ['opentracing', 'map', undefined, 'Tracing.'],
  ['opentracing.enabled', 'boolean', false, 'Trace requests.'],
  ['opentracing.homeserver_whitelist', 'list', [], 'Servers (regular expressions) with which traces are shared.'],
  ['opentracing.force_tracing_for_users', 'list', [], 'Users whose requests are traced always.'],
  ['opentracing.jaeger_config', 'map', {}, 'Settings of the Jaeger client.'],
]);
