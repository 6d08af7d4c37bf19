import { federation } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { sendInviteV1Handler } from './handlers/send-invite-v1.ts';
import { sendInviteV2Handler } from './handlers/send-invite-v2.ts';
import type { InviteTaking } from './invite-taking.ts';

export function invitedRoomsRoutes(invites: InviteTaking): Route[] {
  return [
    route(federation.sendInviteV2, sendInviteV2Handler(invites)),
    route(federation.sendInviteV1, sendInviteV1Handler(invites)),
  ];
}
