export { Filters } from './filters.ts';
export { filtersMigrations } from './migrations.ts';
export { filtersRoutes } from './routes.ts';
