import type { Core } from './core.ts';
import {
  Aliases,
  DirectoryRules,
  directoryRoutes,
  DirectoryService,
  PublicRooms,
  PublishedRooms,
  RoomCards,
} from './features/directory/index.ts';
import {
  GuestDoor,
  MembershipLimits,
  membershipRoutes,
  MembershipService,
  RestrictedJoins,
} from './features/membership/index.ts';
import type { Profiles } from './features/profiles/index.ts';
import { RedactionLimits, RoomEvents, roomEventsRoutes, type RoomAccess } from './features/room-events/index.ts';
import { RoomCreator, RoomUpgrader, roomsRoutes } from './features/rooms/index.ts';
import { RateLimiter } from './http/index.ts';

/** Sending, coming and going, making rooms, and finding them. */
export function wireRooms(core: Core, profiles: Profiles, access: RoomAccess) {
  const { config, runtime, serverName, database, names, heads, states, members, authStates, timeline } = core;
  const { clock, random } = runtime;
  const aliases = new Aliases(database, names, serverName);
  const published = new PublishedRooms(database);
  const directoryRules = new DirectoryRules(config.rooms.directory);

  const membershipLimits = new MembershipLimits(clock, config.rateLimits);
  const restrictedJoins = new RestrictedJoins(names, members, states, authStates, serverName);
  const membership = new MembershipService({
    ...core,
    profiles,
    restrictedJoins,
    limits: membershipLimits,
    options: {
      perRoomProfiles: config.profiles.perRoomProfiles,
      profileOnInvite: config.profiles.includeOnInvite,
      onlyAdminsInvite: config.server.blockNonAdminInvites,
    },
  });
  const roomEvents = new RoomEvents({
    ...core,
    access,
    redactionLimits: new RedactionLimits(clock, config.rateLimits),
  });
  const creationLimiter = new RateLimiter(clock, config.rateLimits.roomCreation);
  const roomCreator = new RoomCreator({
    database,
    random,
    serverName,
    timeline,
    membership,
    membershipLimits,
    profiles,
    aliases,
    published,
    rooms: config.rooms,
    limiter: creationLimiter,
    rules: directoryRules,
    defaultRoomVersion: config.server.defaultRoomVersion,
  });
  const roomUpgrader = new RoomUpgrader({
    ...core,
    clock,
    random,
    limiter: creationLimiter,
    profiles,
    aliases,
    published,
    access,
  });
  const directory = new DirectoryService({
    ...core,
    aliases,
    published,
    rules: directoryRules,
    requireMembership: config.rooms.requireMembershipForAliases,
    hasList: config.rooms.directory.enableSearch,
  });
  const roomCards = new RoomCards(heads, states, members);
  timeline.addProjection(roomCards);
  const publicRooms = new PublicRooms(published, roomCards, config.rooms.directory.enableSearch);
  roomEvents.addStateCheck('m.room.canonical_alias', (_requester, room, _stateKey, content) =>
    directory.checkCanonicalAlias(room, content),
  );
  const guestDoor = new GuestDoor(core);
  roomEvents.addStateEffect('m.room.guest_access', (writer, head) => guestDoor.guestAccessChanged(writer, head));
  return {
    membershipLimits,
    restrictedJoins,
    membership,
    roomEvents,
    creator: roomCreator,
    aliases,
    directory,
    cards: roomCards,
    publicRooms,
    routes: [
      ...roomsRoutes(roomCreator, roomUpgrader),
      ...membershipRoutes(membership, directory),
      ...roomEventsRoutes(roomEvents, membership),
      ...directoryRoutes(directory, publicRooms, config.rooms.directory, serverName),
    ],
  };
}
