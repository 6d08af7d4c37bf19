import { MatrixError, type BodyOf, type search } from '@myelin/api';
import type { EventFilter } from '@myelin/protocol';
import type { Filters } from '../filters/index.ts';
import { parseSearch, type SearchQuery } from './search-query.ts';
import { searchParts } from './searchable.ts';

export type SearchCriteria = NonNullable<BodyOf<typeof search>['search_categories']['room_events']>;

/** What a client looks for, checked and bounded. */
export interface SearchRequest {
  readonly query: SearchQuery;
  readonly parts: readonly number[];
  readonly filter: EventFilter;
  /** The rooms that the filter names; undefined: all. */
  readonly rooms: readonly string[] | undefined;
  readonly limit: number;
  readonly byRank: boolean;
  readonly context: { readonly before: number; readonly after: number; readonly withProfiles: boolean } | undefined;
  readonly withState: boolean;
  readonly groups: ReadonlySet<string>;
}

const mostResults = 100;
const mostContext = 20;

/** Throws M_INVALID_PARAM and M_BAD_JSON. */
export function searchRequest(criteria: SearchCriteria, filters: Filters): SearchRequest {
  // Which rooms are named is looked at apart: what they were before upgrades comes along.
  const { rooms, ...rest } = criteria.filter ?? {};
  const filter = filters.forRoomEvents(JSON.stringify(rest));
  const groups = new Set<string>();
  for (const { key } of criteria.groupings?.group_by ?? []) {
    if (key !== 'room_id' && key !== 'sender')
      throw new MatrixError('M_INVALID_PARAM', 'Results are grouped by room_id or sender');
    groups.add(key);
  }
  const context = criteria.event_context;
  return {
    query: parseSearch(criteria.search_term),
    parts: (criteria.keys ?? Object.keys(searchParts)).flatMap((key) =>
      Object.hasOwn(searchParts, key) ? [searchParts[key] as number] : [],
    ),
    filter,
    rooms,
    limit: Math.min(filter.limit, mostResults),
    byRank: criteria.order_by !== 'recent',
    context: context && {
      before: Math.min(context.before_limit ?? 5, mostContext),
      after: Math.min(context.after_limit ?? 5, mostContext),
      withProfiles: context.include_profile ?? false,
    },
    withState: criteria.include_state ?? false,
    groups,
  };
}
