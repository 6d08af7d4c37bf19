import type { Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';

/** An ephemeral data unit as it goes into a transaction. Server-Server API §"EDUs". */
export interface Edu {
  readonly edu_type: string;
  readonly content: JsonObject;
}

/** Sends EDUs to other servers. This server among the destinations, and servers that may not be spoken to, are left out. */
export interface EduSender {
  /** Durable, exactly once, in order, in the transaction (to-device, device lists, signing keys). */
  enqueue(writer: Writer, destinations: Iterable<string>, edu: Edu): Promise<void>;
  /**
   * Kept in memory (typing, receipts, presence); a newer one with the same key (`replaces`) takes the place of an older
   * that still waits.
   */
  sendSoon(destinations: Iterable<string>, edu: Edu, replaces?: string): void;
}
