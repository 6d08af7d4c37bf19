export { ClientEvents } from './client-events.ts';
export { clientEventsMigrations } from './migrations.ts';
export { Transactions } from './transactions.ts';
