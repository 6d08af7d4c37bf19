import type { JsonObject } from '@myelin/protocol';
import type { UserNid } from '../names/index.ts';

/** An event that a local user wants to send, before the room gives it its place. */
export interface EventDraft {
  readonly type: string;
  /** Present for state events. */
  readonly stateKey?: string;
  readonly content: JsonObject;
  readonly sender: string;
  readonly senderNid: UserNid;
  /** For m.room.redaction: the event to redact. */
  readonly redacts?: string;
  /** In milliseconds; the time of sending if absent. */
  readonly originServerTs?: number;
}
