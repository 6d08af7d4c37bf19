import type { Core } from './core.ts';
import { AccountDataStore, Tags, type AccountData } from './features/account-data/index.ts';
import type { MembershipService } from './features/membership/index.ts';
import type { Profiles } from './features/profiles/index.ts';
import type { RoomEvents } from './features/room-events/index.ts';
import type { RoomCreator } from './features/rooms/index.ts';
import { noticeInviteCheck, NoticeRooms, ServerNotices, serverNoticesRoutes } from './features/server-notices/index.ts';
import type { Route } from './http/index.ts';

export interface ServerNoticesNeeds {
  readonly profiles: Profiles;
  readonly membership: MembershipService;
  readonly creator: RoomCreator;
  readonly roomEvents: RoomEvents;
  readonly accountData: AccountData;
}

/** Puts together what the server itself says to its users. */
export function wireServerNotices(core: Core, needs: ServerNoticesNeeds): Route[] {
  const { config, database } = core;
  const { membership, accountData } = needs;
  const notices = new ServerNotices({
    ...core,
    ...needs,
    tags: new Tags({ ...core, store: new AccountDataStore(database), accountData }),
    rooms: new NoticeRooms(database),
    config: config.serverNotices,
  });
  membership.addInviteCheck(noticeInviteCheck(notices, core.names));
  membership.addRejectionCheck((requester, room) => notices.checkRejection(requester, room));
  return serverNoticesRoutes(notices);
}
