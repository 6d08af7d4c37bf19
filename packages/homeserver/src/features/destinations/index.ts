export { Destinations } from './destinations.ts';
export { destinationsMigrations } from './migrations.ts';
