import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, expect, test } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
  });

  test('a filter is kept, and is the same number when it is made again', async () => {
    const params = { userId: alice.userId! };
    const filter = { room: { timeline: { limit: 3, types: ['m.room.message'] } } };
    const { filter_id: filterId } = await alice.call('defineFilter', { params, body: filter });
    expect(await alice.call('getFilter', { params: { ...params, filterId } })).toEqual(filter);
    expect((await alice.call('defineFilter', { params, body: filter })).filter_id).toBe(filterId);
    expect((await alice.call('defineFilter', { params, body: {} })).filter_id).not.toBe(filterId);
  });

  test('a sync can name it', async () => {
    const params = { userId: alice.userId! };
    const body = { room: { timeline: { types: ['m.room.message'] } } };
    const { filter_id: filter } = await alice.call('defineFilter', { params, body });
    const roomId = await alice.createRoom();
    await alice.sendText(roomId, 'hello');
    const { timeline } = (await alice.sync({ filter })).rooms.join[roomId];
    expect(timeline.events.map((event: { type: string }) => event.type)).toEqual(['m.room.message']);
  });

  test('nobody reads or makes filters of others', async () => {
    const bob = await server.registerUser('bob');
    const params = { userId: alice.userId! };
    const { filter_id: filterId } = await alice.call('defineFilter', { params, body: {} });
    await bob.call('defineFilter', { params, body: {} }, { expect: 'M_FORBIDDEN' });
    await bob.call('getFilter', { params: { ...params, filterId } }, { expect: 'M_FORBIDDEN' });
    await bob.call('getFilter', { params: { userId: bob.userId!, filterId: '12345' } }, { expect: 'M_NOT_FOUND' });
  });

  test('what is no filter is refused', async () => {
    const params = { userId: alice.userId! };
    for (const body of [{ room: 5 }, { room: { timeline: { limit: 'many' } } }, { room: { rooms: ['not a room'] } }]) {
      const answer = await alice.send('defineFilter', { params, body }, { expect: 'any' });
      expect(answer.status, JSON.stringify(body)).toBe(400);
    }
  });
});
