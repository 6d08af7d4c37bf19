import { defineFilter, getFilter } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { Filters } from './filters.ts';
import { defineFilterHandler } from './handlers/define-filter.ts';
import { getFilterHandler } from './handlers/get-filter.ts';

export function filtersRoutes(filters: Filters): Route[] {
  return [route(defineFilter, defineFilterHandler(filters)), route(getFilter, getFilterHandler(filters))];
}
