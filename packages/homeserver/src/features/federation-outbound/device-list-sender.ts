import type { Writer } from '@myelin/database';
import type { Names, UserNid } from '../names/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { FederationOutbound } from './federation-outbound.ts';
import type { DeviceListItem } from './item.ts';
import type { OutboundStore } from './outbound-store.ts';

export interface DeviceListSenderParts {
  readonly serverName: string;
  readonly names: Names;
  readonly servers: RoomServers;
  readonly store: OutboundStore;
  readonly outbound: Pick<FederationOutbound, 'offer'>;
}

const nobody: ReadonlySet<string> = new Set();

/** Tells the servers that share rooms with a local user when the user's devices or keys change. */
export class DeviceListSender {
  readonly #parts: DeviceListSenderParts;

  constructor(parts: DeviceListSenderParts) {
    this.#parts = parts;
  }

  /** Notes changes in the transaction that makes them. `alsoTo`: servers that are to be told besides. */
  async changed(
    writer: Writer,
    user: UserNid,
    changes: readonly Omit<DeviceListItem, 'kind'>[],
    alsoTo: ReadonlySet<string> = nobody,
  ): Promise<void> {
    const { serverName, names, servers, store, outbound } = this.#parts;
    if (!(await names.userId(user, writer)).endsWith(`:${serverName}`)) return;
    const sharing = new Set([...(await servers.sharingRoomsWith(user)), ...alsoTo]);
    sharing.delete(serverName);
    if (sharing.size === 0) return;
    const items = changes.map((change) => ({ ...change, kind: 'device-list' }) as const);
    await store.putDeviceLists(writer, items);
    writer.onDurable(() => {
      for (const item of items) outbound.offer(sharing, item);
    });
  }
}
