import { domainOf } from '../auth-state.ts';
import { refuse, type AuthRefusal } from '../decision.ts';
import type { AuthCheck } from './check.ts';

/** Rule 3 (4 from version 12 on): rooms with `m.federate: false` are for the users of the server that made them. */
export function refuseForeigner({ event, create }: AuthCheck): AuthRefusal | undefined {
  const creatingDomain = domainOf(create.pdu.sender);
  const senderDomain = domainOf(event.sender);
  if (creatingDomain === undefined || senderDomain === undefined) {
    return refuse('id-without-domain', 'the sender has no domain');
  }
  if (creatingDomain !== senderDomain && create.pdu.content['m.federate'] === false) {
    return refuse('room-not-federated', 'the room is not open to users of other servers');
  }
  return undefined;
}
