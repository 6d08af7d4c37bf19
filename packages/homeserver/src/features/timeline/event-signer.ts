import { MatrixError } from '@myelin/api';
import {
  CanonicalJsonError,
  hashAndSignEvent,
  maxOwnEventBytes,
  type RoomVersion,
  type SigningKey,
  type UnsignedPdu,
} from '@myelin/protocol';
import type { LocalPdu } from './local-pdu.ts';

export interface SigningIdentity {
  readonly serverName: string;
  readonly key: SigningKey;
}

export interface SignedEvent {
  readonly eventId: string;
  /** The event in federation format, canonical JSON. */
  readonly json: string;
}

const longestField = 255;

/** Hashes and signs events in the server's name. */
export class EventSigner {
  readonly identity: SigningIdentity;

  constructor(identity: SigningIdentity) {
    this.identity = identity;
  }

  /** Throws M_TOO_LARGE for an event over the size limits, M_BAD_JSON for numbers that the room version doesn't allow. */
  sign(event: LocalPdu, version: RoomVersion): SignedEvent {
    for (const field of [event.type, event.sender, event.state_key, event.room_id]) {
      if (field !== undefined && Buffer.byteLength(field) > longestField) {
        throw new MatrixError('M_TOO_LARGE', 'A field of the event is longer than 255 bytes');
      }
    }
    const signed = this.#sign(event, version);
    if (Buffer.byteLength(signed.json) > maxOwnEventBytes) {
      throw new MatrixError('M_TOO_LARGE', 'The event is larger than other servers take');
    }
    return signed;
  }

  #sign(event: LocalPdu, version: RoomVersion): SignedEvent {
    const { serverName, key } = this.identity;
    try {
      const { eventId, text } = hashAndSignEvent(event as unknown as UnsignedPdu, version, serverName, key);
      return { eventId, json: text };
    } catch (error) {
      if (error instanceof CanonicalJsonError)
        throw new MatrixError('M_BAD_JSON', `The event can't be sent: ${error.message}`);
      throw error;
    }
  }
}
