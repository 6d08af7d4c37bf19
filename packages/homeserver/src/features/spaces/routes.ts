import { federation, getRoomSummary, getSpaceHierarchy } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { getFederationHierarchyHandler } from './handlers/get-federation-hierarchy.ts';
import { getRoomSummaryHandler } from './handlers/get-room-summary.ts';
import { getSpaceHierarchyHandler } from './handlers/get-space-hierarchy.ts';
import type { Spaces } from './spaces.ts';

export function spacesRoutes({ hierarchy, summaries }: Spaces): Route[] {
  return [
    route(getSpaceHierarchy, getSpaceHierarchyHandler(hierarchy)),
    route(getRoomSummary, getRoomSummaryHandler(summaries)),
  ];
}

export function federationSpacesRoutes({ forServers }: Spaces): Route[] {
  return [route(federation.getSpaceHierarchy, getFederationHierarchyHandler(forServers))];
}
