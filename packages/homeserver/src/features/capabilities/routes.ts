import { getVersions } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { getVersionsHandler } from './handlers/get-versions.ts';

export function capabilitiesRoutes(): Route[] {
  return [route(getVersions, getVersionsHandler())];
}
