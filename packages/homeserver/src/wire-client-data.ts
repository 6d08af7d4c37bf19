import type { Core } from './core.ts';
import { AccountData, accountDataRoutes, AccountDataStore, IgnoredUsers, Tags } from './features/account-data/index.ts';
import {
  CountableEvents,
  JoinPositions,
  Notifications,
  Pushers,
  PushRules,
  pushRulesRoutes,
  RoomTails,
  UnreadCounter,
  Verdicts,
} from './features/push-rules/index.ts';
import { EventThreads, ReadPositionCache, Receipts, receiptsRoutes, ReceiptStore, type ThreadRoots } from './features/receipts/index.ts';
import type { RoomAccess } from './features/room-events/index.ts';
import type { SyncSources } from './features/sync/index.ts';
import type { EventVisibility } from './features/visibility/index.ts';
import type { Route } from './http/index.ts';

export interface ClientDataWiring {
  readonly routes: readonly Route[];
  readonly accountData: AccountData;
  readonly receipts: Receipts;
  readonly sources: Pick<SyncSources, 'accountData' | 'receipts' | 'unread'>;
  stop(): void;
}

export interface ClientDataNeeds {
  readonly access: RoomAccess;
  readonly visibility: EventVisibility;
  readonly threadRoots: ThreadRoots;
}

/** Puts together what users keep at the server for their clients, and what they tell each other in passing. */
export function wireClientData(core: Core, { access, visibility, threadRoots }: ClientDataNeeds): ClientDataWiring {
  const { config, runtime, database, names, streams, members, devices } = core;
  const { clock } = runtime;
  const withDelete = config.experimental.flags['msc3391_enabled'] === true;

  const pushRules = new PushRules(database, names, streams, config.push);
  const pushers = new Pushers(database, clock, devices);
  const store = new AccountDataStore(database);
  const accountData = new AccountData({
    database,
    names,
    streams,
    store,
    ignoredUsers: new IgnoredUsers(database, names),
    pushRules,
    emptyIsDeleted: withDelete,
  });
  const receiptStore = new ReceiptStore(database);
  const positions = new ReadPositionCache(receiptStore);
  const threads = new EventThreads(core.events, threadRoots);
  const receipts = new Receipts({
    ...core,
    clock,
    store: receiptStore,
    positions,
    threads,
    access,
    visibility,
    accountData,
    activity: { active() {} },
  });
  const tags = new Tags({ database, names, members, store, accountData });

  const reading = {
    ...core,
    rules: pushRules,
    positions,
    visibility,
    countable: new CountableEvents({ ...core, threads }),
    verdicts: new Verdicts(core.events),
    ignoredUsers: accountData,
  };
  const unread = new UnreadCounter({ ...reading, joins: new JoinPositions(core.states), tails: new RoomTails(streams), timers: runtime.timers });
  const notifications = new Notifications(reading);

  return {
    routes: [...accountDataRoutes(accountData, tags, names, withDelete), ...pushRulesRoutes(pushRules, pushers, notifications), ...receiptsRoutes(receipts)],
    accountData,
    receipts,
    sources: { accountData, receipts, unread },
    stop() {},
  };
}
