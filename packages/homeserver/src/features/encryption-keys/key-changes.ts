import type { DeviceNid, Names, RoomNid, UserNid } from '../names/index.ts';
import type { EncryptionSource } from '../sync/index.ts';
import type { Streams } from '../streams/index.ts';
import type { DeviceLists } from './device-lists.ts';
import type { OneTimeKeys } from './one-time-keys.ts';

export interface ChangedUsers {
  readonly changed: string[];
  readonly left: string[];
}

/** What clients are told of devices and keys: in /sync and in /keys/changes. Client-Server API §"Extensions to /sync". */
export class KeyChanges implements EncryptionSource {
  readonly #names: Names;
  readonly #streams: Streams;
  readonly #lists: DeviceLists;
  readonly #oneTimeKeys: OneTimeKeys;

  constructor(names: Names, streams: Streams, lists: DeviceLists, oneTimeKeys: OneTimeKeys) {
    this.#names = names;
    this.#streams = streams;
    this.#lists = lists;
    this.#oneTimeKeys = oneTimeKeys;
  }

  /** What changed for a user from a position until now. */
  since(user: UserNid, since: number): Promise<ChangedUsers> {
    return this.#changed(user, since, this.#streams.current());
  }

  deviceLists(
    user: UserNid,
    since: number,
    upTo: number,
    context: { readonly withEvents: ReadonlySet<RoomNid> },
  ): Promise<ChangedUsers> {
    return this.#changed(user, since, upTo, context.withEvents);
  }

  oneTimeKeyCounts(device: DeviceNid): Promise<string> {
    return this.#oneTimeKeys.countsText(device);
  }

  unusedFallbackKeyTypes(device: DeviceNid): Promise<string> {
    return this.#oneTimeKeys.unusedFallbacksText(device);
  }

  async #changed(user: UserNid, since: number, upTo: number, withEvents?: ReadonlySet<RoomNid>): Promise<ChangedUsers> {
    const { changed, left } = await this.#lists.since(user, since, upTo, withEvents);
    const ids = await this.#names.userIds([...changed, ...left]);
    const idsOf = (users: ReadonlySet<UserNid>): string[] => [...users].map((each) => ids.get(each) as string);
    return { changed: idsOf(changed), left: idsOf(left) };
  }
}
