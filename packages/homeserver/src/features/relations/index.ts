export { BundledRelations } from './bundled-relations.ts';
export { relationsMigrations } from './migrations.ts';
export { relationOf } from './relation.ts';
export { RelationStore } from './relation-store.ts';
export { Relations } from './relations.ts';
export { relationsRoutes } from './routes.ts';
