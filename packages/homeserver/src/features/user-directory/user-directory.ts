import type { Writer } from '@myelin/database';
import { looksLikeMxc } from '@myelin/protocol';
import type { UserDirectoryConfig } from '../../config/index.ts';
import type { Accounts } from '../accounts/index.ts';
import type { StoredEvent } from '../events/index.ts';
import { memberOfKey, type Names, type RoomNid, type UserNid } from '../names/index.ts';
import type { Profiles } from '../profiles/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { EventContext, EventProjection, Restatement, RoomHead, RoomStates } from '../timeline/index.ts';
import type { DirectoryStore, FoundEntry } from './directory-store.ts';
import { rank } from './ranking.ts';
import { wordsOf } from './words.ts';

export interface UserDirectoryParts {
  readonly store: DirectoryStore;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  readonly members: RoomMembers;
  readonly states: RoomStates;
  readonly serverName: string;
  readonly config: UserDirectoryConfig;
}

export interface FoundUsers {
  readonly limited: boolean;
  readonly results: readonly FoundEntry[];
}

const mostResults = 50;
const mostTerms = 10;
/** Of so many candidates it is looked up whether the searcher may know of them. */
const mostChecks = 1_000;

/**
 * Finds people by name or id. Known are those of this server, by the profile that they have for everybody, and those of
 * other servers, by what they are called in rooms that anybody may join or read: names for a private room stay in it.
 * Client-Server API §"User Directory".
 */
export class UserDirectory implements EventProjection {
  readonly #parts: UserDirectoryParts;

  constructor(parts: UserDirectoryParts) {
    this.#parts = parts;
  }

  /** What somebody who is in these rooms finds; `limit` is at most 50. */
  async search(searcher: UserNid, text: string, limit: number): Promise<FoundUsers> {
    const { store, config } = this.#parts;
    const terms = wordsOf(text, mostTerms);
    if (!config.enabled || terms.length === 0) return { limited: false, results: [] };
    const candidates = (await store.find(terms, config.excludeRemoteUsers))
      .map((entry) => ({ entry, rank: rank(entry, terms, config.preferLocalUsers) }))
      .toSorted((a, b) => b.rank - a.rank || (a.entry.userId < b.entry.userId ? -1 : 1));
    const most = Math.min(limit, mostResults);
    const isVisible = await this.#visibilityFor(searcher);
    const results: FoundEntry[] = [];
    for (const { entry } of candidates.slice(0, mostChecks)) {
      if (!(await isVisible(entry))) continue;
      if (results.length >= most) return { limited: true, results };
      results.push(entry);
    }
    return { limited: false, results };
  }

  /** Brings the entry of a user of this server up to their profile and account. */
  async refresh(writer: Writer, user: UserNid): Promise<void> {
    const { store, names, accounts, profiles } = this.#parts;
    const account = await accounts.find(user, writer);
    if (!account) return;
    // Deactivated users can't be reached, support users are for diagnostics.
    if (account.deactivated || account.userType === 'support') {
      await store.remove(writer, user);
      return;
    }
    const { displayname, avatar_url: avatarUrl } = await profiles.of(user, writer);
    await store.put(writer, user, {
      userId: await names.userId(user, writer),
      isLocal: true,
      displayName: text(displayname),
      avatarUrl: text(avatarUrl),
    });
  }

  apply(writer: Writer, { room }: StoredEvent, { changes, head }: EventContext): Promise<void> {
    return this.restated(writer, { room, changes, head });
  }

  async restated(
    writer: Writer,
    { room, changes, head }: Pick<Restatement, 'room' | 'changes' | 'head'>,
  ): Promise<void> {
    for (const { after } of changes) {
      if (after?.type !== 'm.room.join_rules' && after?.type !== 'm.room.history_visibility') continue;
      await this.#parts.store.setOpen(writer, room, await this.#isOpen(writer, head));
      break;
    }
    await this.#joined(
      writer,
      room,
      changes.flatMap(({ after }) => after ?? []),
    );
  }

  async #isOpen(writer: Writer, head: RoomHead): Promise<boolean> {
    const { states } = this.#parts;
    const rules = await states.get(head.state, 'm.room.join_rules', '', writer);
    if (rules?.content['join_rule'] === 'public') return true;
    const visibility = await states.get(head.state, 'm.room.history_visibility', '', writer);
    return visibility?.content['history_visibility'] === 'world_readable';
  }

  /** Users of this server have a profile for the whole server; of others we know what their events tell. */
  async #joined(writer: Writer, room: RoomNid, events: readonly StoredEvent[]): Promise<void> {
    const { store, serverName } = this.#parts;
    const joined = new Map<UserNid, StoredEvent>();
    for (const event of events) {
      const { type, stateKey = '', fields } = event;
      if (type !== 'm.room.member' || stateKey.endsWith(`:${serverName}`)) continue;
      const user = fields.stateKeyNid === undefined ? undefined : memberOfKey(fields.stateKeyNid);
      if (user !== undefined && event.content['membership'] === 'join') joined.set(user, event);
    }
    if (joined.size === 0) return;
    const isOpen = await store.isOpen(room, writer);
    if (!isOpen) for (const user of await store.known([...joined.keys()], writer)) joined.delete(user);
    const entries = [...joined].map(([user, { stateKey = '', content }]) => {
      const profile = isOpen ? content : {};
      const { displayname, avatar_url: avatarUrl } = profile;
      const told = { displayName: text(displayname), avatarUrl: looksLikeMxc(avatarUrl) ? avatarUrl : undefined };
      return [user, { userId: stateKey, isLocal: false, ...told }] as const;
    });
    await store.putMany(writer, entries);
  }

  async #visibilityFor(searcher: UserNid): Promise<(entry: FoundEntry) => Promise<boolean>> {
    const { config, members, accounts, store } = this.#parts;
    const sharing = config.searchAllUsers ? undefined : await members.sharingRoomsWith(searcher);
    return async ({ user, isLocal }) => {
      if (isLocal && !config.showLockedUsers && (await accounts.find(user))?.locked) return false;
      if (sharing === undefined) return user !== searcher && (isLocal || (await members.joinedRooms(user)).length > 0);
      if (sharing.has(user) && user !== searcher) return true;
      return store.anyOpen(await members.joinedRooms(user));
    };
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
