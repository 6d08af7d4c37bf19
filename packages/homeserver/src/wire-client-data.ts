import type { Core } from './core.ts';
import { AccountData, accountDataRoutes, AccountDataStore, IgnoredUsers, Tags } from './features/account-data/index.ts';
import type { Deactivation } from './features/accounts/index.ts';
import { MessageActivity, Presence, presenceRoutes, PresenceStore } from './features/presence/index.ts';
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
import {
  EventThreads,
  ReadPositionCache,
  Receipts,
  receiptsRoutes,
  ReceiptStore,
  RecentReceipts,
  type KnownRelations,
} from './features/receipts/index.ts';
import type { RoomAccess } from './features/room-events/index.ts';
import type { SyncSources } from './features/sync/index.ts';
import { Typing, TypingService, typingRoutes } from './features/typing/index.ts';
import { UpgradedRooms } from './features/upgraded-rooms/index.ts';
import type { EventVisibility } from './features/visibility/index.ts';
import { RateLimiter, type Route } from './http/index.ts';
import type { Log } from './observability/log.ts';

export interface ClientDataWiring {
  readonly routes: readonly Route[];
  readonly accountData: AccountData;
  readonly receipts: Receipts;
  readonly typing: Typing;
  readonly presence: Presence;
  readonly sources: Pick<SyncSources, 'accountData' | 'receipts' | 'unread' | 'typing' | 'presence'>;
  stop(): Promise<void>;
}

export interface ClientDataNeeds {
  readonly log: Log;
  readonly access: RoomAccess;
  readonly visibility: EventVisibility;
  readonly relations: KnownRelations;
  readonly deactivation: Pick<Deactivation, 'onDeactivate'>;
}

/** Puts together what users keep at the server for their clients, and what they tell each other in passing. */
export async function wireClientData(
  core: Core,
  { log, access, visibility, relations, deactivation }: ClientDataNeeds,
): Promise<ClientDataWiring> {
  const { config, runtime, database, names, streams, members, devices } = core;
  const { clock, timers } = runtime;
  const withDelete = config.experimental.flags['msc3391_enabled'] === true;

  const presence = await Presence.open({
    ...core,
    ...runtime,
    log,
    store: new PresenceStore(database),
    limiter: new RateLimiter(clock, config.rateLimits.presencePerUser),
    settings: { ...config.presence, excludedRooms: config.rooms.excludedFromPresence },
  });
  core.timeline.addProjection(new MessageActivity(presence));
  const pushRules = new PushRules(database, names, streams, config.push, core.cacheSizes.bytes('push_rules'));
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
    withInviteLists: config.experimental.flags['msc4155_enabled'] === true,
  });
  if (config.experimental.flags['msc3890_enabled'] === true)
    devices.onDelete((writer, device) => accountData.deleteSettingsOf(writer, device));
  const receiptStore = new ReceiptStore(database);
  const positions = new ReadPositionCache(receiptStore);
  const threads = new EventThreads(core.events, relations);
  const receipts = new Receipts({
    ...core,
    clock,
    store: receiptStore,
    positions,
    recent: new RecentReceipts(streams),
    threads,
    access,
    visibility,
    accountData,
    activity: presence,
  });
  deactivation.onDeactivate(async (writer, user) => {
    await accountData.removeOfUser(writer, user);
    await pushRules.removeOfUser(writer, user);
    await pushers.removeOfUser(writer, user);
  });
  const tags = new Tags({ database, names, members, store, accountData });

  const reading = {
    ...core,
    rules: pushRules,
    positions,
    visibility,
    countable: new CountableEvents({ ...core, threads, cacheBytes: core.cacheSizes.bytes('countable_events') }),
    verdicts: new Verdicts(core.events),
    ignoredUsers: accountData,
  };
  const unread = new UnreadCounter({
    ...reading,
    joins: new JoinPositions(core.states),
    tails: new RoomTails(streams),
    timers,
  });
  core.revisions.onRevision(async (writer, _revision, { room }) => {
    writer.onDurable(() => unread.revised(room));
  });
  const notifications = new Notifications(reading);

  core.timeline.addProjection(new UpgradedRooms({ ...core, accountData, pushRules }));
  const typing = new Typing(streams, members, timers);

  return {
    routes: [
      ...accountDataRoutes(accountData, tags, names, withDelete),
      ...pushRulesRoutes(pushRules, pushers, notifications),
      ...receiptsRoutes(receipts),
      ...typingRoutes(new TypingService(typing, access, presence, clock)),
      ...presenceRoutes(presence),
    ],
    accountData,
    receipts,
    typing,
    presence,
    sources: { accountData, receipts, unread, typing, presence },
    async stop() {
      typing.stop();
      await presence.stop();
    },
  };
}
