import { beforeAll, expect, test } from 'vitest';
import { describeServers } from './describe-servers.ts';
import type { TestServer } from './test-server.ts';

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  test('two people talk and see each other at once', async () => {
    const alice = await server.registerUser('alice');
    const bob = await server.registerUser('bob');
    const roomId = await alice.createRoom({ preset: 'private_chat', name: 'Two', invite: [bob.userId!] });
    const stripped = await bob.waitForInvite(roomId);
    expect(stripped.find((event) => event.type === 'm.room.name').content).toEqual({ name: 'Two' });
    await bob.joinRoom(roomId);
    await alice.syncUntil((answer) =>
      answer.rooms?.join?.[roomId]?.timeline.events.some(
        (event: { type: string; state_key?: string }) =>
          event.type === 'm.room.member' && event.state_key === bob.userId,
      ),
    );
    await bob.sync({ since: bob.nextBatch });
    const hello = bob.waitForEvent(roomId, (event) => event.content.body === 'Hello Bob');
    const sent = await alice.sendText(roomId, 'Hello Bob');
    expect((await hello).event_id).toBe(sent);
    const answered = await bob.sendText(roomId, 'Hello Alice');
    expect(await alice.waitForEvent(roomId, answered)).toMatchObject({
      sender: bob.userId,
      content: { body: 'Hello Alice' },
    });
  });

  test('what was said is there after a restart', async () => {
    const own = await start({ onDisk: true });
    const alice = await own.registerUser('alice');
    const roomId = await alice.createRoom();
    const eventId = await alice.sendText(roomId, 'still here');
    await own.restart();
    const event = await alice.call('getOneRoomEvent', { params: { roomId, eventId } });
    expect(event.content.body).toBe('still here');
    await alice.sync();
    expect(alice.nextBatch).toBeTypeOf('string');
  });
});
