import type { StoredEvent } from '../events/index.ts';
import { memberOfKey, type RoomNid, type UserNid } from '../names/index.ts';
import { boundedCache } from '../../caches/index.ts';
import type { StateKeyChange } from '../timeline/index.ts';
import type { DeviceUpdates } from './device-updates.ts';
import type { FleetingEdu } from './destination.ts';

/** Users who have come into rooms and haven't sent anything there yet. */
const mostWaiting = 10_000;

/**
 * Servers in a room that a local user joins are told of the user's devices, in the transaction of the user's first event
 * there: it goes to them anyhow. Which servers are in a room isn't certain before its members are known, so that is waited
 * for. Server-Server API §"Device Management".
 */
export class Introductions {
  readonly #devices: DeviceUpdates;
  readonly #localSuffix: string;
  readonly #waiting = boundedCache<RoomNid, Set<UserNid>>(mostWaiting);

  readonly #isPartial: (room: RoomNid) => boolean;

  /** `isPartial`: whether the members of a room aren't known yet. */
  constructor(devices: DeviceUpdates, serverName: string, isPartial: (room: RoomNid) => boolean) {
    this.#isPartial = isPartial;
    this.#devices = devices;
    this.#localSuffix = `:${serverName}`;
  }

  /** Notes whom changes of the state bring into a room. */
  note(room: RoomNid, changes: readonly StateKeyChange[]): void {
    for (const { key, before, after } of changes) {
      const user = memberOfKey(key);
      if (user === undefined || !isJoin(after) || isJoin(before) || !after?.sender.endsWith(this.#localSuffix))
        continue;
      const ofRoom = this.#waiting.get(room);
      if (!ofRoom) this.#waiting.set(room, new Set([user]));
      else if (ofRoom.size < mostWaiting) ofRoom.add(user);
    }
  }

  /** What is to go with an event of a user, once. */
  async with(event: StoredEvent): Promise<readonly FleetingEdu[]> {
    const ofRoom = this.#waiting.get(event.room);
    const isLeaving = event.stateKey === event.sender && event.content['membership'] === 'leave';
    if (!ofRoom || (this.#isPartial(event.room) && !isLeaving)) return none;
    if (!ofRoom.delete(event.senderNid)) return none;
    if (ofRoom.size === 0) this.#waiting.delete(event.room);
    if (isLeaving) return none;
    return (await this.#devices.introduce(event.senderNid)).map(({ name, text }) => ({ type: name, text }));
  }
}

const none: readonly FleetingEdu[] = [];

function isJoin(event: StoredEvent | undefined): boolean {
  return event !== undefined && event.content['membership'] === 'join';
}
