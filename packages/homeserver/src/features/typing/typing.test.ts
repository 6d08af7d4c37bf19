import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });
  beforeEach(async () => {
    roomId = await alice.createRoom({ preset: 'public_chat' });
    await bob.joinRoom(roomId);
    await Promise.all([alice.sync(), bob.sync()]);
  });
  const type = (client: TestClient, body: object, userId = client.userId!) =>
    client.call('setTyping', { params: { roomId, userId }, body });
  const typists = (answer: any): string[] | undefined =>
    answer.rooms?.join?.[roomId]?.ephemeral?.events.find((event: any) => event.type === 'm.typing')?.content.user_ids;
  const seen = (client: TestClient, userIds: (string | undefined)[]) =>
    client.syncUntil((answer) => JSON.stringify(typists(answer)?.toSorted()) === JSON.stringify(userIds.toSorted()));

  describe('typing', () => {
    it('is seen while it lasts, without a room id', async () => {
      const waiting = seen(bob, [alice.userId]);
      await type(alice, { typing: true, timeout: 10_000 });
      const answer = await waiting;
      expect(answer.rooms.join[roomId].ephemeral.events[0]).toEqual({
        type: 'm.typing',
        content: { user_ids: [alice.userId] },
      });
      const both = seen(bob, [alice.userId, bob.userId]);
      await type(bob, { typing: true });
      await both;
      const stopped = seen(bob, [bob.userId]);
      await type(alice, { typing: false });
      await stopped;
      expect(typists(await alice.sync())).toEqual([bob.userId]);
      await type(bob, { typing: false });
      expect(typists(await alice.sync())).toBeUndefined();
      expect(typists(await alice.sync({ since: alice.nextBatch! }))).toBeUndefined();
    });

    it('ends by itself', async () => {
      await type(alice, { typing: true, timeout: 50 });
      await seen(bob, []);
    });

    it('that is said again is no news', async () => {
      await type(alice, { typing: true });
      const answer = await seen(bob, [alice.userId]);
      await type(alice, { typing: true, timeout: 5_000 });
      await type(bob, { typing: false });
      expect(typists(await bob.sync({ since: answer.next_batch }))).toBeUndefined();
    });

    it('ends when one leaves', async () => {
      await type(bob, { typing: true });
      await seen(alice, [bob.userId]);
      const ended = seen(alice, []);
      await bob.leaveRoom(roomId);
      await ended;
    });

    it('is seen in the room only, and filtered as the client likes', async () => {
      const carol = await server.registerUser('carol');
      await carol.sync();
      await type(alice, { typing: true });
      const answer = await carol.sync({ since: carol.nextBatch! });
      expect(answer.rooms?.join?.[roomId]).toBeUndefined();
      expect(typists(await bob.sync({ filter: { room: { ephemeral: { not_types: ['m.typing'] } } } }))).toBeUndefined();
    });

    it('is refused of others, elsewhere, and in other forms', async () => {
      const params = { roomId, userId: alice.userId! };
      await bob.call('setTyping', { params, body: { typing: true } }, { expect: 'M_FORBIDDEN' });
      const outsider = await server.registerUser('outsider');
      await outsider.call(
        'setTyping',
        { params: { roomId, userId: outsider.userId! }, body: { typing: true } },
        { expect: 'M_FORBIDDEN' },
      );
      await alice.call(
        'setTyping',
        { params: { ...params, roomId: '!none:x' }, body: { typing: true } },
        { expect: 'M_FORBIDDEN' },
      );
      for (const body of [{}, { typing: 'yes' }, { typing: true, timeout: -1 }, { typing: true, timeout: 'long' }]) {
        await alice.call('setTyping', { params, body }, { expect: 400 });
      }
      await type(alice, { typing: true, timeout: Number.MAX_SAFE_INTEGER });
    });

    it('is slowed down', async () => {
      const dave = await server.registerUser('dave');
      await dave.joinRoom(roomId);
      const params = { roomId, userId: dave.userId! };
      const answers = [];
      for (let i = 0; i < 150; i++)
        answers.push(await dave.send('setTyping', { params, body: { typing: i % 2 === 0 } }, { expect: 'any' }));
      expect(answers.some(({ status, body }) => status === 429 && body.retry_after_ms > 0)).toBe(true);
    });
  });
});
