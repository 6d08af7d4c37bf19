import type { EventReference, JsonObject } from '@myelin/protocol';

/** An event of this server before it is hashed and signed. */
export interface LocalPdu {
  auth_events: EventReference[];
  content: JsonObject;
  depth: number;
  origin_server_ts: number;
  prev_events: EventReference[];
  sender: string;
  type: string;
  room_id?: string;
  state_key?: string;
  redacts?: string;
  /** In room versions 1 and 2, where the sender chooses it. */
  event_id?: string;
}
