import { Type } from 'typebox';
import { count, jsonObject, mapOf } from '../../shared.ts';
import { ephemeralEvent, strippedStateEvent, syncEvent } from './events.ts';

const events = Type.Optional(Type.Object({ events: Type.Array(ephemeralEvent) }));
const state = Type.Optional(Type.Object({ events: Type.Array(syncEvent) }));
const strippedState = Type.Optional(Type.Object({ events: Type.Array(strippedStateEvent) }));
const timeline = Type.Optional(
  Type.Object({
    events: Type.Array(syncEvent),
    limited: Type.Optional(Type.Boolean()),
    prev_batch: Type.Optional(Type.String()),
  }),
);
const unreadCounts = Type.Object({
  notification_count: Type.Optional(count),
  highlight_count: Type.Optional(count),
});

const joinedRoom = Type.Object({
  summary: Type.Optional(
    Type.Object({
      'm.heroes': Type.Optional(Type.Array(Type.String())),
      'm.joined_member_count': Type.Optional(count),
      'm.invited_member_count': Type.Optional(count),
    }),
  ),
  state,
  state_after: state,
  timeline,
  ephemeral: events,
  account_data: events,
  unread_notifications: Type.Optional(unreadCounts),
  unread_thread_notifications: Type.Optional(mapOf(unreadCounts)),
});

/** Client-Server API, Syncing. Rooms are by their id. */
export const syncResponse = Type.Object({
  next_batch: Type.String(),
  account_data: events,
  presence: events,
  to_device: Type.Optional(
    Type.Object({
      events: Type.Array(Type.Object({ type: Type.String(), sender: Type.String(), content: jsonObject })),
    }),
  ),
  device_lists: Type.Optional(
    Type.Object({
      changed: Type.Optional(Type.Array(Type.String())),
      left: Type.Optional(Type.Array(Type.String())),
    }),
  ),
  device_one_time_keys_count: Type.Optional(mapOf(count)),
  device_unused_fallback_key_types: Type.Optional(Type.Array(Type.String())),
  rooms: Type.Optional(
    Type.Object({
      join: Type.Optional(mapOf(joinedRoom)),
      invite: Type.Optional(mapOf(Type.Object({ invite_state: strippedState }))),
      knock: Type.Optional(mapOf(Type.Object({ knock_state: strippedState }))),
      leave: Type.Optional(mapOf(Type.Object({ state, state_after: state, timeline, account_data: events }))),
    }),
  ),
});
