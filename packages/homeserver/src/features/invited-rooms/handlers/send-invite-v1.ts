import type { federation } from '@myelin/api';
import { isJsonObject, type JsonObject } from '@myelin/protocol';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { InviteTaking } from '../invite-taking.ts';

/** The room's version isn't told: it is 1 or 2, whose events have one form. */
export function sendInviteV1Handler(invites: InviteTaking): Handler<typeof federation.sendInviteV1> {
  return async ({ params, body, origin }) => {
    const { unsigned } = body;
    const event = await invites.take(origin, {
      ...params,
      version: '1',
      event: body as JsonObject,
      strippedState: isJsonObject(unsigned) ? unsigned['invite_room_state'] : undefined,
    });
    return rawJson(`[200,{"event":${event}}]`);
  };
}
