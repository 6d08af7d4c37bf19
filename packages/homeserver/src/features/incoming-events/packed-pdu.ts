import { parseJson, type Pdu } from '@myelin/protocol';
import type { CheckedPdu } from './incoming-events.ts';

/** A checked event as its text only, outside of the heap; whoever asks for its parsed form has it parsed anew. */
class PackedPdu implements CheckedPdu {
  readonly eventId: string;
  readonly refusal?: string;
  readonly #text: Buffer;

  constructor({ eventId, json, refusal }: CheckedPdu) {
    this.eventId = eventId;
    this.#text = Buffer.from(json);
    if (refusal !== undefined) this.refusal = refusal;
  }

  get json(): string {
    return this.#text.toString();
  }

  get pdu(): Pdu {
    return parsedPdu(this.json);
  }
}

/** The same event in a form that takes little memory. `unsigned` is lost. */
export function pack(checked: CheckedPdu): CheckedPdu {
  return checked instanceof PackedPdu ? checked : new PackedPdu(checked);
}

export function unpack(checked: CheckedPdu): CheckedPdu {
  if (!(checked instanceof PackedPdu)) return checked;
  const { eventId, json, refusal } = checked;
  return { eventId, json, pdu: parsedPdu(json), ...(refusal !== undefined && { refusal }) };
}

function parsedPdu(json: string): Pdu {
  const parsed = parseJson(json);
  if (!parsed.ok) throw new Error('An event that was checked is not JSON');
  return parsed.value as Pdu;
}
