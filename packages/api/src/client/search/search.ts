import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject, mapOf, nothing, oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { clientEvent } from '../shapes/events.ts';
import { roomEventFilter } from '../shapes/filters.ts';

export const search = endpoint({
  id: 'search',
  summary: 'Search in messages',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/search'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: Type.Object({ next_batch: Type.Optional(Type.String()) }),
  body: Type.Object({
    search_categories: Type.Object({
      room_events: Type.Optional(
        Type.Object({
          search_term: Type.String(),
          keys: Type.Optional(Type.Array(Type.String())),
          filter: Type.Optional(roomEventFilter),
          order_by: Type.Optional(oneOf(['recent', 'rank'])),
          event_context: Type.Optional(
            Type.Object({
              before_limit: Type.Optional(count),
              after_limit: Type.Optional(count),
              include_profile: Type.Optional(Type.Boolean()),
            }),
          ),
          include_state: Type.Optional(Type.Boolean()),
          groupings: Type.Optional(
            Type.Object({ group_by: Type.Optional(Type.Array(Type.Object({ key: Type.Optional(Type.String()) }))) }),
          ),
        }),
      ),
    }),
  }),
  response: Type.Object({
    search_categories: Type.Object({
      room_events: Type.Optional(
        Type.Object({
          count: Type.Optional(count),
          highlights: Type.Optional(Type.Array(Type.String())),
          next_batch: Type.Optional(Type.String()),
          results: Type.Optional(
            Type.Array(
              Type.Object({
                rank: Type.Optional(Type.Number()),
                result: Type.Optional(clientEvent),
                context: Type.Optional(jsonObject),
              }),
            ),
          ),
          state: Type.Optional(mapOf(Type.Array(clientEvent))),
          groups: Type.Optional(mapOf(mapOf(jsonObject))),
        }),
      ),
    }),
  }),
});
