import { search } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { Filters } from '../filters/index.ts';
import { searchHandler } from './handlers/search.ts';
import type { Search } from './search-service.ts';

export function searchRoutes(service: Search, filters: Filters): Route[] {
  return [route(search, searchHandler(service, filters))];
}
