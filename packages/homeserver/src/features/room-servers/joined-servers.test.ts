import { describeDatabases } from '@myelin/database/testing';
import { describe, expect, it } from 'vitest';
import { memberKey, type RoomNid, type UserNid } from '../names/index.ts';
import { JoinedServers } from './joined-servers.ts';
import { roomServersMigrations } from './migrations.ts';
import { memberContext, memberEvent } from './testing.ts';

const room = 7 as RoomNid;
const alice = 3 as UserNid;
/** How many users are joined, as the members know it. */
const joined = new Map<number, number>();
const members = {
  count: async (of: RoomNid) => joined.get(of) ?? 0,
  ofRoom: async (of: RoomNid) => Array.from({ length: joined.get(of) ?? 0 }, () => ({ membership: 'join' })),
  joinedRooms: async () => [...joined.keys()] as RoomNid[],
} as never;

describeDatabases((open) => {
  async function start() {
    joined.clear();
    const database = await open(roomServersMigrations);
    const reopen = (): Promise<JoinedServers> => JoinedServers.open(database, members, 'here.test');
    const servers = await reopen();
    let position = 0;
    const move = (userId: string, from: string | undefined, to: string, of: RoomNid = room): Promise<void> =>
      database.transact((writer) => {
        const event = memberEvent(of, userId, to, ++position);
        const before = from === undefined ? undefined : memberEvent(of, userId, from, 0);
        return servers.apply(writer, event, memberContext(event, before));
      });
    return { database, servers, reopen, move };
  }

  describe('the servers of a room', () => {
    it('are those of its joined users, until the last of each has left', async () => {
      const { servers, move, reopen } = await start();
      joined.set(room, 3);
      await move('@a:one.test', undefined, 'join');
      await move('@b:one.test', 'invite', 'join');
      await move('@c:two.test', undefined, 'invite');
      await move('@d:two.test:8448', undefined, 'join');
      expect([...(await servers.othersInRoom(room))].toSorted()).toEqual(['one.test', 'two.test:8448']);
      await move('@a:one.test', 'join', 'leave');
      // A new name or picture moves nobody.
      await move('@b:one.test', 'join', 'join');
      expect(await servers.isInRoom(room, 'one.test')).toBe(true);
      await move('@b:one.test', 'join', 'ban');
      for (const each of [servers, await reopen()]) {
        expect([...(await each.othersInRoom(room))]).toEqual(['two.test:8448']);
        expect(await each.isInRoom(room, 'one.test')).toBe(false);
        expect(await each.isInRoom(room, 'two.test:8448')).toBe(true);
      }
      expect(await servers.roomsOf('two.test:8448')).toEqual(new Map([[room, 4]]));
    });

    it('have this one among them while local users are in it', async () => {
      const { servers, move, reopen } = await start();
      expect(await servers.inRoom(room)).toEqual(new Set());
      joined.set(room, 1);
      expect(await servers.inRoom(room)).toEqual(new Set(['here.test']));
      joined.set(room, 2);
      await move('@a:one.test', undefined, 'join');
      expect(await servers.inRoom(room)).toEqual(new Set(['here.test', 'one.test']));
      await move('@b:here.test', undefined, 'join');
      await move('@b:here.test', 'join', 'leave');
      expect(await servers.isInRoom(room, 'here.test')).toBe(true);
      await move('@c:here.test', 'join', 'leave');
      for (const each of [servers, await reopen()]) {
        expect(await each.isInRoom(room, 'here.test')).toBe(false);
        expect(await each.inRoom(room)).toEqual(new Set(['one.test']));
      }
      await move('@c:here.test', 'leave', 'join');
      expect(await servers.isInRoom(room, 'here.test')).toBe(true);
      expect(await servers.known()).toBe(1);
      // When all others have left, those who are joined are of this server.
      await move('@a:one.test', 'join', 'leave');
      joined.set(room, 1);
      expect(await servers.inRoom(room)).toEqual(new Set(['here.test']));
      joined.set(room, 0);
      expect(await servers.inRoom(room)).toEqual(new Set());
    });

    it('take nothing but a look into a set where only local users are', async () => {
      const { servers, move } = await start();
      await move('@a:here.test', undefined, 'join');
      expect(servers.isFederated(room)).toBe(false);
      await move('@a:one.test', undefined, 'join');
      expect(servers.isFederated(room)).toBe(true);
      await move('@a:one.test', 'join', 'leave');
      expect(servers.isFederated(room)).toBe(false);
    });

    it('are told when the first user of one has come, once that is durable', async () => {
      const { servers, move } = await start();
      const came: string[] = [];
      servers.onServerCame((_room, server) => came.push(server));
      await move('@a:one.test', undefined, 'join');
      await move('@b:one.test', undefined, 'join');
      await move('@a:two.test', undefined, 'join');
      expect(came).toEqual(['one.test', 'two.test']);
    });

    it('that were in it and went are known by the event by which they did', async () => {
      const { servers, move, reopen } = await start();
      joined.set(room, 2);
      await move('@a:one.test', undefined, 'join');
      await move('@b:one.test', undefined, 'join');
      await move('@c:two.test', undefined, 'join');
      await move('@a:one.test', 'join', 'leave');
      expect(await servers.partingOf(room, 'one.test')).toBeUndefined();
      await move('@b:one.test', 'join', 'ban');
      // What becomes of those who are gone already changes nothing.
      await move('@a:one.test', 'leave', 'ban');
      expect(await (await reopen()).partingOf(room, 'one.test')).toEqual({ position: 5, event: 5 });
      await move('@d:one.test', undefined, 'join');
      expect(await servers.partingOf(room, 'one.test')).toBeUndefined();
      await move('@c:two.test', 'join', 'leave');
      await move('@d:one.test', 'join', 'leave');
      expect(await servers.partingOf(room, 'one.test')).toEqual({ position: 9, event: 9 });
      await move('@d:one.test', 'leave', 'join');
      expect(await servers.partingOf(room, 'one.test')).toBeUndefined();
      expect(await servers.partingOf(room, 'two.test')).toEqual({ position: 8, event: 8 });
    });

    it('are many at once when this server comes into a large room', async () => {
      const { database, servers } = await start();
      const changes = Array.from({ length: 2_000 }, (_, i) => ({
        key: memberKey(i as UserNid),
        before: undefined,
        after: memberEvent(room, `@u${i}:s${i % 300}.test`, i % 7 === 0 ? 'leave' : 'join', 5),
      }));
      const event = memberEvent(room, '@a:here.test', 'join', 5);
      await database.transact((writer) => servers.apply(writer, event, { ...memberContext(event), changes }));
      expect((await servers.othersInRoom(room)).size).toBe(300);
    });

    it('are as others say while the members are not known', async () => {
      const { database, servers, move } = await start();
      await database.transact((writer) => servers.assume(writer, room, ['one.test', 'two.test', 'here.test'], 4));
      expect(await servers.othersInRoom(room)).toEqual(new Set(['one.test', 'two.test']));
      await move('@a:one.test', undefined, 'join');
      await move('@b:three.test', undefined, 'join');
      await move('@b:three.test', 'join', 'leave');
      await database.transact((writer) => servers.endAssuming(writer, room));
      expect(await servers.othersInRoom(room)).toEqual(new Set(['one.test']));
    });
  });

  it('transactions see what those before them left, others what is durable; what fails leaves nothing', async () => {
    const { database, servers } = await start();
    const first = memberEvent(room, '@a:one.test', 'join', 1);
    await database.transact(async (writer) => {
      await servers.apply(writer, first, memberContext(first));
      expect(await servers.othersInRoom(room, writer)).toEqual(new Set(['one.test']));
      expect(await servers.othersInRoom(room)).toEqual(new Set());
    });
    const second = memberEvent(room, '@a:two.test', 'join', 2);
    await database
      .transact(async (writer) => {
        await servers.apply(writer, second, memberContext(second));
        throw new Error('no');
      })
      .catch(() => {});
    expect(await servers.othersInRoom(room)).toEqual(new Set(['one.test']));
    await database.transact(async (writer) =>
      expect(await servers.othersInRoom(room, writer)).toEqual(new Set(['one.test'])),
    );
  });

  it('servers share the rooms that a user is in', async () => {
    const { servers, move } = await start();
    await move('@a:one.test', undefined, 'join');
    await move('@a:two.test', undefined, 'join', 8 as RoomNid);
    joined.set(room, 2);
    joined.set(9, 2);
    expect(await servers.sharingRoomsWith(alice)).toEqual(new Set(['one.test']));
  });
});
