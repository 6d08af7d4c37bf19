import type { JsonObject } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';

/** Takes membership events that are sent as plain state. Implemented by `features/membership`. */
export interface MemberStateSetter {
  setAsState(
    requester: Requester,
    roomId: string,
    target: string,
    content: JsonObject,
    signal?: AbortSignal,
  ): Promise<string>;
}
