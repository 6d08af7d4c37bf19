import { parseJson, type Pdu } from '@myelin/protocol';
import type { ResolutionScope } from '../../state-resolution/index.ts';
import { idsOfAuthEvents } from '../checking/event-judge.ts';
import type { EventOutline, OutlinedPdu } from '../checking/event-namer.ts';
import type { CheckedPdu } from '../incoming-events.ts';

/**
 * A checked event as its text and what names it; whoever asks for its parsed form has it parsed anew. As a string, not as bytes: Node cuts
 * small buffers out of shared ones, of which a single event that waits would keep the whole.
 */
class PackedPdu implements CheckedPdu {
  readonly eventId: string;
  readonly refusal?: string;
  readonly authIds: readonly string[];
  readonly json: string;
  readonly outline: EventOutline;

  constructor({ eventId, json, pdu, refusal }: CheckedPdu, authIds: readonly string[]) {
    this.authIds = authIds;
    this.outline = outlineOf(pdu);
    this.eventId = eventId;
    this.json = json;
    if (refusal !== undefined) this.refusal = refusal;
  }

  get pdu(): Pdu {
    return parsedPdu(this.json);
  }
}

/** The same event in a form that takes little memory. `unsigned` is lost. */
export function pack(scope: Pick<ResolutionScope, 'version' | 'roomId'>, checked: CheckedPdu): CheckedPdu {
  return checked instanceof PackedPdu ? checked : new PackedPdu(checked, idsOfAuthEvents(scope, checked));
}

/** As `idsOfAuthEvents`, which a packed event knows. */
export function authIdsOf(scope: Pick<ResolutionScope, 'version' | 'roomId'>, checked: CheckedPdu): readonly string[] {
  return checked instanceof PackedPdu ? checked.authIds : idsOfAuthEvents(scope, checked);
}

/** What names an event, without parsing it. */
export function outlined(checked: CheckedPdu): OutlinedPdu {
  if (!(checked instanceof PackedPdu)) return checked;
  const { eventId, json, outline } = checked;
  return { eventId, json, pdu: outline };
}

export function unpack(checked: CheckedPdu): CheckedPdu {
  if (!(checked instanceof PackedPdu)) return checked;
  const { eventId, json, refusal } = checked;
  return { eventId, json, pdu: parsedPdu(json), ...(refusal !== undefined && { refusal }) };
}

function outlineOf({ type, sender, state_key: stateKey, depth, origin_server_ts: time }: Pdu): EventOutline {
  return { type, sender, ...(stateKey !== undefined && { state_key: stateKey }), depth, origin_server_ts: time };
}

function parsedPdu(json: string): Pdu {
  const parsed = parseJson(json);
  if (!parsed.ok) throw new Error('An event that was checked is not JSON');
  return parsed.value as Pdu;
}
