import { federation } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { backfillRoomHandler } from './handlers/backfill-room.ts';
import { exchangeThirdPartyInviteHandler } from './handlers/exchange-third-party-invite.ts';
import { getEventAuthHandler } from './handlers/get-event-auth.ts';
import { getEventByTimestampHandler } from './handlers/get-event-by-timestamp.ts';
import { getEventHandler } from './handlers/get-event.ts';
import { getMissingPreviousEventsHandler } from './handlers/get-missing-previous-events.ts';
import { getRoomComplexityHandler } from './handlers/get-room-complexity.ts';
import { getRoomStateIdsHandler } from './handlers/get-room-state-ids.ts';
import { getRoomStateHandler } from './handlers/get-room-state.ts';
import { makeJoinHandler } from './handlers/make-join.ts';
import { makeKnockHandler } from './handlers/make-knock.ts';
import { makeLeaveHandler } from './handlers/make-leave.ts';
import { onBindThirdPartyIdentifierHandler } from './handlers/on-bind-third-party-identifier.ts';
import { sendJoinV1Handler } from './handlers/send-join-v1.ts';
import { sendJoinV2Handler } from './handlers/send-join-v2.ts';
import { sendKnockHandler } from './handlers/send-knock.ts';
import { sendLeaveV1Handler } from './handlers/send-leave-v1.ts';
import { sendLeaveV2Handler } from './handlers/send-leave-v2.ts';
import type { FederationRooms } from './federation-rooms.ts';

export function federationRoomsRoutes({
  reading,
  templates,
  memberships,
  exchange,
  complexity,
}: FederationRooms): Route[] {
  return [
    route(federation.getEvent, getEventHandler(reading)),
    route(federation.getRoomState, getRoomStateHandler(reading)),
    route(federation.getRoomStateIds, getRoomStateIdsHandler(reading)),
    route(federation.getEventAuth, getEventAuthHandler(reading)),
    route(federation.backfillRoom, backfillRoomHandler(reading)),
    route(federation.getMissingPreviousEvents, getMissingPreviousEventsHandler(reading)),
    route(federation.getEventByTimestamp, getEventByTimestampHandler(reading)),
    route(federation.makeJoin, makeJoinHandler(templates)),
    route(federation.makeLeave, makeLeaveHandler(templates)),
    route(federation.makeKnock, makeKnockHandler(templates)),
    route(federation.sendJoinV2, sendJoinV2Handler(memberships)),
    route(federation.sendJoinV1, sendJoinV1Handler(memberships)),
    route(federation.sendLeaveV2, sendLeaveV2Handler(memberships)),
    route(federation.sendLeaveV1, sendLeaveV1Handler(memberships)),
    route(federation.sendKnock, sendKnockHandler(memberships)),
    // For the `limit_remote_rooms` of other servers, as Synapse serves it.
    route(federation.getRoomComplexity, getRoomComplexityHandler(complexity)),
    route(federation.exchangeThirdPartyInvite, exchangeThirdPartyInviteHandler(exchange)),
    route(federation.onBindThirdPartyIdentifier, onBindThirdPartyIdentifierHandler(exchange)),
    route(federation.postThirdPartyBinding, onBindThirdPartyIdentifierHandler(exchange)),
  ];
}
