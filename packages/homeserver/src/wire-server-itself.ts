import type { Core } from './core.ts';
import { healthRoutes, metricsRoutes, rootRoutes, statusPageRoutes } from './features/server-status/index.ts';
import type { ResourceRoutes } from './listeners.ts';
import type { Metrics } from './observability/metrics.ts';

/** What the server says of itself. */
export function wireServerItself({ config, database, serverName }: Core, metrics: Metrics): ResourceRoutes[] {
  return [
    { resource: 'health', routes: healthRoutes(database) },
    { resource: 'static', routes: statusPageRoutes(serverName) },
    {
      // Every listener has the way to the web client, as it has /health.
      resource: config.server.webClientLocation === undefined ? 'static' : 'health',
      routes: rootRoutes(serverName, config.server.webClientLocation),
    },
    {
      resource: 'metrics',
      routes: metricsRoutes({ contentType: metrics.registry.contentType, text: () => metrics.registry.metrics() }),
    },
  ];
}
