import type { Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { Log } from '../../observability/log.ts';

/** Messages by user id and device id (`*`: all devices of the user). */
export type MessagesByDevice = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;

export interface RemoteMessages {
  /** The user id of the sender. */
  readonly sender: string;
  readonly type: string;
  readonly byServer: ReadonlyMap<string, MessagesByDevice>;
}

/** Messages to devices of other servers' users. Implemented by `features/federation-outbound`. */
export interface RemoteToDevice {
  /** Notes in the transaction what is to be sent. */
  enqueue(writer: Writer, messages: RemoteMessages): Promise<void>;
}

/** For servers without federation: says in the log what isn't delivered. */
export function noRemoteToDevice(log: Log): RemoteToDevice {
  return {
    async enqueue(writer, { type, byServer }) {
      writer.onDurable(() => {
        log.warn(
          { type, servers: [...byServer.keys()].slice(0, 10) },
          'messages to devices on other servers are not delivered: this server does not reach other servers',
        );
      });
    },
  };
}
