import { section } from '../option.ts';

export const tracingOptions = section('Tracing', '', [
  ['opentracing', 'map', undefined, ''],
  ['opentracing.enabled', 'boolean', false, ''],
  ['opentracing.homeserver_whitelist', 'list', [], ''],
  ['opentracing.force_tracing_for_users', 'list', [], ''],
  ['opentracing.jaeger_config', 'map', {}, ''],
]);
