import type { Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';

/**
 * Is told, in the transaction, when the devices of a user change, so that those who encrypt for them learn of it.
 * Implemented by `features/encryption-keys`.
 */
export interface DeviceListChanges {
  changed(writer: Writer, user: UserNid): Promise<void>;
}

export const noDeviceListChanges: DeviceListChanges = { changed: async () => {} };
