import type { Requester } from '../../http/index.ts';
import type { ClientEvents } from '../client-events/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid, UserNid } from '../names/index.ts';
import type { ReadAccess } from '../room-events/index.ts';
import type { Viewer } from '../visibility/index.ts';

/** Relations told with events. Implemented by `features/relations`. */
export interface Bundles {
  bundles(
    events: readonly StoredEvent[],
    user: UserNid,
    device: Requester['device'],
  ): Promise<ReadonlyMap<EventNid, string>>;
}

/** Whom a user ignores. Implemented by `features/account-data`. */
export interface IgnoredUsers {
  ignored(user: UserNid): Promise<ReadonlySet<UserNid>>;
}

export interface EventTextsParts {
  readonly clientEvents: ClientEvents;
  readonly bundles: Bundles;
  readonly ignoredUsers: IgnoredUsers;
}

/** Events of a room as JSON for one who reads it, and who that is to those who filter them. */
export class EventTexts {
  readonly #parts: EventTextsParts;

  constructor(parts: EventTextsParts) {
    this.#parts = parts;
  }

  async viewer(requester: Requester, access: ReadAccess): Promise<Viewer> {
    return {
      user: requester.user,
      isJoined: access.member?.membership === 'join',
      leftAt: access.until,
      ignored: await this.#parts.ignoredUsers.ignored(requester.user),
    };
  }

  /** A JSON array. */
  async list(requester: Requester, access: ReadAccess, events: readonly StoredEvent[]): Promise<string> {
    return `[${(await this.#texts(requester, access, events)).join(',')}]`;
  }

  /** As `list`, in pieces: one lot of events after the other is read, and nothing of it kept. */
  async *inLots(
    requester: Requester,
    access: ReadAccess,
    lots: Iterable<() => Promise<readonly StoredEvent[]>>,
  ): AsyncGenerator<string> {
    let before = '[';
    for (const lot of lots) {
      const texts = await this.#texts(requester, access, await lot(), true);
      if (texts.length === 0) continue;
      yield before + texts.join(',');
      before = ',';
    }
    yield before === '[' ? '[]' : ']';
  }

  async #texts(
    { user, device }: Requester,
    { isPeeking }: ReadAccess,
    events: readonly StoredEvent[],
    isPassing = false,
  ): Promise<string[]> {
    const relations = await this.#parts.bundles.bundles(events, user, device);
    const options = { user, device, withRoomId: true, isPeeking, relations, isPassing };
    return this.#parts.clientEvents.format(events, options);
  }

  async one(requester: Requester, access: ReadAccess, event: StoredEvent): Promise<string> {
    return (await this.list(requester, access, [event])).slice(1, -1);
  }
}
