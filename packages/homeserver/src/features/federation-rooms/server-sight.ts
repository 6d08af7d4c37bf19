import { canonicalJson, historyVisibilityOf, isVisibleToServer, redactEvent, type RoomVersion } from '@myelin/protocol';
import type { Accounts } from '../accounts/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { RoomStates } from '../timeline/index.ts';

export interface ServerSightParts {
  readonly names: Names;
  readonly members: RoomMembers;
  readonly states: RoomStates;
  readonly accounts: Accounts;
}

/** What a server that is in a room may see of events: them whole, or what a redaction leaves of them. */
export class ServerSight {
  readonly #parts: ServerSightParts;

  constructor(parts: ServerSightParts) {
    this.#parts = parts;
  }

  /**
   * JSON texts of events of one room, in their order, in federation format: those that were before the server's users
   * could see them are redacted. Client-Server API §"Room History Visibility".
   */
  async texts(version: RoomVersion, server: string, events: readonly StoredEvent[]): Promise<string[]> {
    const look = await this.#look(server, events);
    const out: string[] = [];
    for (const event of events) {
      const isWhole = await look(event);
      out.push(isWhole ? event.fields.json : canonicalJson(redactEvent(event.pdu, version), 'lenient'));
    }
    return out;
  }

  /** Those among events of one room that the server may see. */
  async visible(server: string, events: readonly StoredEvent[]): Promise<StoredEvent[]> {
    const look = await this.#look(server, events);
    const out: StoredEvent[] = [];
    for (const event of events) if (await look(event)) out.push(event);
    return out;
  }

  async #look(server: string, events: readonly StoredEvent[]): Promise<(event: StoredEvent) => Promise<boolean>> {
    const erased = new Set(
      await this.#parts.accounts.erasedAmong([...new Set(events.map((event) => event.senderNid))]),
    );
    const byState = new Map<StateRoot, boolean>();
    let users: Promise<UserNid[]> | undefined;
    return async (event) => {
      if (erased.has(event.senderNid)) return false;
      // What the state was isn't known: there is nothing that would forbid it.
      if (event.isOutlier) return true;
      const { stateAfter } = event.fields;
      let isOpen = byState.get(stateAfter);
      if (isOpen === undefined) {
        isOpen = await this.#isOpen(stateAfter, () => (users ??= this.#usersOf(server, event.room)));
        byState.set(stateAfter, isOpen);
      }
      return isOpen;
    };
  }

  async #isOpen(state: StateRoot, users: () => Promise<UserNid[]>): Promise<boolean> {
    const { states } = this.#parts;
    const visibility = historyVisibilityOf((await states.get(state, 'm.room.history_visibility', ''))?.content);
    const isVisible = (memberships: string[]): boolean =>
      isVisibleToServer({ visibility, memberships: () => memberships, senderErased: false });
    if (isVisible([])) return true;
    for (const user of await users()) if (isVisible([await states.membership(state, user)])) return true;
    return false;
  }

  /** The server's users who have, or had, something to do with the room. */
  async #usersOf(server: string, room: RoomNid): Promise<UserNid[]> {
    const { members, names } = this.#parts;
    const all = (await members.ofRoom(room)).map((member) => member.user);
    const userIds = await names.userIds(all);
    return all.filter((user) => userIds.get(user)?.endsWith(`:${server}`) === true);
  }
}
