import {
  getRelatingEvents,
  getRelatingEventsWithRelType,
  getRelatingEventsWithRelTypeAndEventType,
  getThreadRoots,
} from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { getRelatingEventsWithRelTypeAndEventTypeHandler } from './handlers/get-relating-events-with-rel-type-and-event-type.ts';
import { getRelatingEventsWithRelTypeHandler } from './handlers/get-relating-events-with-rel-type.ts';
import { getRelatingEventsHandler } from './handlers/get-relating-events.ts';
import { getThreadRootsHandler } from './handlers/get-thread-roots.ts';
import type { Relations } from './relations.ts';

export function relationsRoutes(relations: Relations): Route[] {
  return [
    route(getRelatingEvents, getRelatingEventsHandler(relations)),
    route(getRelatingEventsWithRelType, getRelatingEventsWithRelTypeHandler(relations)),
    route(getRelatingEventsWithRelTypeAndEventType, getRelatingEventsWithRelTypeAndEventTypeHandler(relations)),
    route(getThreadRoots, getThreadRootsHandler(relations)),
  ];
}
