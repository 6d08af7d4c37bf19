export { stateMapMigrations } from './migrations.ts';
export { emptyState, StateMaps, type StateChange, type StateDifference, type StateRoot } from './state-maps.ts';
