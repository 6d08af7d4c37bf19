export { EventThreads, mainThread, type KnownRelations } from './event-threads.ts';
export { receiptsMigrations } from './migrations.ts';
export { ReadPositionCache, type ReadPositions } from './read-positions.ts';
export { ReceiptStore } from './receipt-store.ts';
export { RecentReceipts } from './recent-receipts.ts';
export { Receipts, type ActivityPort, type RemoteReceipt } from './receipts.ts';
export { receiptsRoutes } from './routes.ts';
