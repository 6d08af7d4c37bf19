import type { search } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { Filters } from '../../filters/index.ts';
import { searchRequest } from '../search-request.ts';
import type { Search } from '../search-service.ts';

export function searchHandler(service: Search, filters: Filters): Handler<typeof search> {
  return async ({ requester, query, body }) => {
    const criteria = body.search_categories.room_events;
    if (criteria === undefined) return { search_categories: {} };
    return rawJson(await service.search(requester, searchRequest(criteria, filters), query.next_batch));
  };
}
