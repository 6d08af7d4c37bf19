import { Type } from 'typebox';
import { count, oneOf } from '../../shared.ts';

const strings = Type.Optional(Type.Array(Type.String()));

const eventFilterMembers = {
  limit: Type.Optional(count),
  senders: strings,
  not_senders: strings,
  types: strings,
  not_types: strings,
};

const roomEventFilterMembers = {
  ...eventFilterMembers,
  rooms: strings,
  not_rooms: strings,
  contains_url: Type.Optional(Type.Boolean()),
  lazy_load_members: Type.Optional(Type.Boolean()),
  include_redundant_members: Type.Optional(Type.Boolean()),
  unread_thread_notifications: Type.Optional(Type.Boolean()),
  related_by_senders: strings,
  related_by_rel_types: strings,
};

/** Client-Server API, Filtering. */
export const eventFilter = Type.Object(eventFilterMembers);

/** Which events of rooms are wanted: the `filter` of `/messages`, `/context` and `/search`. */
export const roomEventFilter = Type.Object(roomEventFilterMembers);

/** What `/sync` shall hold. Client-Server API, Filtering. */
export const syncFilter = Type.Object({
  event_fields: strings,
  event_format: Type.Optional(oneOf(['client', 'federation'])),
  presence: Type.Optional(eventFilter),
  account_data: Type.Optional(eventFilter),
  room: Type.Optional(
    Type.Object({
      rooms: strings,
      not_rooms: strings,
      include_leave: Type.Optional(Type.Boolean()),
      account_data: Type.Optional(roomEventFilter),
      ephemeral: Type.Optional(roomEventFilter),
      state: Type.Optional(roomEventFilter),
      timeline: Type.Optional(roomEventFilter),
    }),
  ),
});
