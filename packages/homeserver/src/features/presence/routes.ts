import { getPresence, setPresence } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { getPresenceHandler } from './handlers/get-presence.ts';
import { setPresenceHandler } from './handlers/set-presence.ts';
import type { Presence } from './presence.ts';

export function presenceRoutes(presence: Presence): Route[] {
  return [route(getPresence, getPresenceHandler(presence)), route(setPresence, setPresenceHandler(presence))];
}
