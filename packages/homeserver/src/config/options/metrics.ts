import { section } from '../option.ts';

export const metricsOptions = section('Metrics', '', [
  ['enable_metrics', 'boolean', false, ''],
  ['sentry', 'map', undefined, ''],
  ['sentry.dsn', 'string or null', null, ''],
  ['sentry.environment', 'string or null', null, ''],
  ['metrics_flags', 'map', undefined, ''],
  ['metrics_flags.known_servers', 'boolean', false, ''],
  ['report_stats', 'boolean', undefined, ''],
  ['report_stats_endpoint', 'string', 'https://matrix.org/report-usage-stats/push', ''],
]);
