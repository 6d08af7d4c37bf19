import type { federation } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { InviteTaking } from '../invite-taking.ts';

export function sendInviteV2Handler(invites: InviteTaking): Handler<typeof federation.sendInviteV2> {
  return async ({ params, body, origin }) => {
    const event = await invites.take(origin, {
      ...params,
      version: body.room_version,
      event: body.event as JsonObject,
      strippedState: body.invite_room_state,
    });
    return rawJson(`{"event":${event}}`);
  };
}
