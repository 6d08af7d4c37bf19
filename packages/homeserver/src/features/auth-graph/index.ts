export { AuthGraph, citationPage, type Citation } from './auth-graph.ts';
export { authGraphMigrations } from './migrations.ts';
