import type { Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';

/**
 * Is told, in the transaction, when the devices of a user change, so that those who encrypt for them learn of it.
 * Implemented by `features/encryption-keys`.
 */
export interface DeviceListChanges {
  /** `deviceIds`: which devices it is about; '' stands for the user's cross-signing keys. */
  changed(writer: Writer, user: UserNid, deviceIds: readonly string[]): Promise<void>;
}

export const noDeviceListChanges: DeviceListChanges = { changed: async () => {} };
