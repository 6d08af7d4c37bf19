export { searchMigrations } from './migrations.ts';
export { ResultWriter } from './result-writer.ts';
export { searchRoutes } from './routes.ts';
export { SearchIndexer } from './search-indexer.ts';
export { Search } from './search-service.ts';
export { SearchStore } from './search-store.ts';
export { SearchedRooms } from './searched-rooms.ts';
