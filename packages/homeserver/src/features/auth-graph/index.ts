export type { AddedToChains, ChainLink, ChainNid, Citation } from './auth-chains.ts';
export { AuthGraph } from './auth-graph.ts';
export { authGraphMigrations } from './migrations.ts';
