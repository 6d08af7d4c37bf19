export { Destinations, type BackoffTimes } from './destinations.ts';
export { destinationsMigrations } from './migrations.ts';
export { allFailing, type Failing } from './store.ts';
