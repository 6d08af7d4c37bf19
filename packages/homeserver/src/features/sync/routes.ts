import { sync } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { syncHandler } from './handlers/sync.ts';
import type { SyncService } from './sync-service.ts';

export function syncRoutes(service: SyncService): Route[] {
  return [route(sync, syncHandler(service))];
}
