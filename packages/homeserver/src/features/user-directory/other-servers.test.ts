import type { Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { beforeEach, expect, it } from 'vitest';
import type { Accounts } from '../accounts/index.ts';
import type { StoredEvent } from '../events/index.ts';
import { memberKey, type Names, type RoomNid, type UserNid } from '../names/index.ts';
import type { Profiles } from '../profiles/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { EventContext, RoomStates } from '../timeline/index.ts';
import { DirectoryStore } from './directory-store.ts';
import { userDirectoryMigrations } from './migrations.ts';
import { UserDirectory } from './user-directory.ts';

const room = 1 as RoomNid;
const searcher = 1 as UserNid;
const local = 2 as UserNid;
const remote = 3 as UserNid;
const ids = new Map([
  [searcher, '@searcher:test'],
  [local, '@sam:test'],
  [remote, '@sam:elsewhere.example'],
]);

describeDatabases((open) => {
  let database: Database;
  let locked: Set<UserNid>;
  let joinRule: string;
  let joined: Set<UserNid>;
  beforeEach(async () => {
    database = await open(userDirectoryMigrations);
    locked = new Set();
    joinRule = 'public';
    joined = new Set([searcher, local, remote]);
  });

  function directory(config: object = {}): UserDirectory {
    return new UserDirectory({
      store: new DirectoryStore(database),
      names: { userId: async (user: UserNid) => ids.get(user) } as unknown as Names,
      accounts: {
        find: async (user: UserNid) => ({ deactivated: false, locked: locked.has(user) }),
      } as unknown as Accounts,
      profiles: { of: async () => ({ displayname: 'Sam' }) } as unknown as Profiles,
      members: {
        sharingRoomsWith: async () => new Set(),
        joinedRooms: async (user: UserNid) => (joined.has(user) ? [room] : []),
      } as unknown as RoomMembers,
      states: {
        get: async (_state: unknown, type: string) =>
          type === 'm.room.join_rules' ? { content: { join_rule: joinRule } } : undefined,
      } as unknown as RoomStates,
      serverName: 'test',
      config: {
        enabled: true,
        searchAllUsers: false,
        preferLocalUsers: false,
        excludeRemoteUsers: false,
        showLockedUsers: false,
        ...config,
      },
    });
  }

  async function tell(type: string, content: object, user?: UserNid): Promise<void> {
    const stateKey = user === undefined ? '' : ids.get(user)!;
    const fields = { stateKeyNid: user === undefined ? 1 : memberKey(user) };
    const after = { type, room, content, stateKey, fields } as unknown as StoredEvent;
    const context = { head: { room, state: 1 }, changes: [{ before: undefined, after }] } as unknown as EventContext;
    await database.transact((writer) => directory().apply(writer, after, context));
  }

  async function fill(): Promise<void> {
    await database.transact((writer) => directory().refresh(writer, local));
    await tell('m.room.join_rules', { join_rule: joinRule });
    await tell('m.room.member', { membership: 'join', displayname: 'Sam Away', avatar_url: 'mxc://a/b' }, remote);
  }

  const found = async (config: object, term = 'sam'): Promise<string[]> =>
    (await directory(config).search(searcher, term, 10)).results.map(({ userId }) => userId);

  it('are known by what they are called in open rooms', async () => {
    await fill();
    // The entry with a picture is the fuller one.
    expect(await found({})).toEqual(['@sam:elsewhere.example', '@sam:test']);
    expect(await found({}, 'away')).toEqual(['@sam:elsewhere.example']);
    expect(await found({ preferLocalUsers: true })).toEqual(['@sam:test', '@sam:elsewhere.example']);
    expect(await found({ excludeRemoteUsers: true })).toEqual(['@sam:test']);
  });

  it('are not known by what they are called in private ones', async () => {
    joinRule = 'invite';
    await fill();
    expect(await found({ searchAllUsers: true }, 'away')).toEqual([]);
    expect(await found({ searchAllUsers: true })).toEqual(['@sam:test', '@sam:elsewhere.example']);
    expect(await found({})).toEqual([]);
  });

  it('are told again and again, and under a new name', async () => {
    await fill();
    const join = { membership: 'join', displayname: 'Sam Away', avatar_url: 'mxc://a/b' };
    await tell('m.room.member', join, remote);
    expect(await found({}, 'away')).toEqual(['@sam:elsewhere.example']);
    await tell('m.room.member', { ...join, displayname: 'Sam Back' }, remote);
    expect(await found({}, 'away')).toEqual([]);
    expect(await found({}, 'back')).toEqual(['@sam:elsewhere.example']);
    await tell('m.room.member', { ...join, displayname: 'Sam Back', avatar_url: 'mxc://a/c' }, remote);
    const { results } = await directory().search(searcher, 'back', 10);
    expect(results).toEqual([expect.objectContaining({ avatarUrl: 'mxc://a/c' })]);
  });

  it('are forgotten when they are in no room any more', async () => {
    await fill();
    joined = new Set();
    expect(await found({ searchAllUsers: true })).toEqual(['@sam:test']);
  });

  it("locked users aren't shown, unless that is wanted", async () => {
    await fill();
    locked.add(local);
    expect(await found({})).toEqual(['@sam:elsewhere.example']);
    expect(await found({ showLockedUsers: true })).toHaveLength(2);
  });
});
