import type { Writer } from '@myelin/database';
import type { DeviceNid, UserNid } from '../names/index.ts';

/** Ends the sessions of a user. Implemented by `features/sessions`. */
export interface SessionEnder {
  /** All of them, or all but the one on the device `kept`. */
  allIn(writer: Writer, user: UserNid, kept?: DeviceNid): Promise<void>;
}
