import { federation, getFederationWhitelist, getHealth, getMetrics, getRoot, getStatusPage } from '@myelin/api';
import type { Database } from '@myelin/database';
import { route, type Route } from '../../http/index.ts';
import { getFederationWhitelistHandler } from './handlers/get-federation-whitelist.ts';
import { getHealthHandler } from './handlers/get-health.ts';
import { getMetricsHandler } from './handlers/get-metrics.ts';
import { getRootHandler } from './handlers/get-root.ts';
import { getStatusPageHandler } from './handlers/get-status-page.ts';
import { getVersionHandler } from './handlers/get-version.ts';
import type { MetricsText } from './metrics-text.ts';

export type { MetricsText } from './metrics-text.ts';

export function healthRoutes(database: Database): Route[] {
  return [route(getHealth, getHealthHandler(database))];
}

export function metricsRoutes(metrics: MetricsText): Route[] {
  return [route(getMetrics, getMetricsHandler(metrics))];
}

export function statusPageRoutes(serverName: string): Route[] {
  return [route(getStatusPage, getStatusPageHandler(serverName))];
}

export function rootRoutes(serverName: string, webClientLocation: string | undefined): Route[] {
  return [route(getRoot, getRootHandler(serverName, webClientLocation))];
}

export function federationVersionRoutes(version: string): Route[] {
  return [route(federation.getVersion, getVersionHandler(version))];
}

/** `federation_whitelist_endpoint_enabled`; for the listener resource `client`. */
export function federationWhitelistRoutes(whitelist: ReadonlySet<string> | undefined): Route[] {
  return [route(getFederationWhitelist, getFederationWhitelistHandler(whitelist))];
}
