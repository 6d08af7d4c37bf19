import { getServerVersion } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { getServerVersionHandler } from './handlers/get-server-version.ts';

/** Synapse's admin API. Registration by shared secret is served by `features/registration`. */
export function adminRoutes(version: string): Route[] {
  return [route(getServerVersion, getServerVersionHandler(version))];
}
