import { getOwn, type JsonObject } from '../json/value.ts';
import { EventFilter } from './event-filter.ts';
import { compileEventFields, type EventFieldsPicker } from './event-fields.ts';
import { objectOf, StringFilter, stringsOf } from './string-filter.ts';

/** A compiled filter of /sync (Client-Server API, `POST /user/{userId}/filter`). */
export interface Filter {
  readonly presence: EventFilter;
  readonly accountData: EventFilter;
  /** Which rooms are in the answer at all. */
  readonly rooms: StringFilter;
  readonly ephemeral: EventFilter;
  readonly state: EventFilter;
  readonly timeline: EventFilter;
  readonly roomAccountData: EventFilter;
  readonly includeLeave: boolean;
  /** `state` says so: members are sent only where they sent something. */
  readonly lazyLoadMembers: boolean;
  readonly includeRedundantMembers: boolean;
  readonly unreadThreadNotifications: boolean;
  readonly eventFormat: 'client' | 'federation';
  /** undefined: events whole. */
  readonly eventFields: EventFieldsPicker | undefined;
}

/** Synapse's default of `filter_timeline_limit`. */
export const defaultMaxTimelineLimit = 100;

/** Compiles a filter that passed faultOfFilter; `{}` is the default filter. `maxTimelineLimit` is the server's. */
export function compileFilter(filter: JsonObject, maxTimelineLimit = defaultMaxTimelineLimit): Filter {
  const room = objectOf(getOwn(filter, 'room'));
  const section = (from: JsonObject, name: string, maxLimit = Number.MAX_SAFE_INTEGER): EventFilter =>
    new EventFilter(objectOf(getOwn(from, name)), maxLimit);
  const state = section(room, 'state');
  const timeline = section(room, 'timeline', maxTimelineLimit);
  const fields = stringsOf(getOwn(filter, 'event_fields'));
  return {
    presence: section(filter, 'presence'),
    accountData: section(filter, 'account_data'),
    rooms: new StringFilter(stringsOf(getOwn(room, 'rooms')), stringsOf(getOwn(room, 'not_rooms')) ?? []),
    ephemeral: section(room, 'ephemeral'),
    state,
    timeline,
    roomAccountData: section(room, 'account_data'),
    includeLeave: getOwn(room, 'include_leave') === true,
    lazyLoadMembers: state.lazyLoadMembers,
    includeRedundantMembers: state.includeRedundantMembers,
    unreadThreadNotifications: timeline.unreadThreadNotifications,
    eventFormat: filter['event_format'] === 'federation' ? 'federation' : 'client',
    eventFields: fields && fields.length > 0 ? compileEventFields(fields) : undefined,
  };
}
