import { beforeAll, expect, test } from 'vitest';
import { describePeers } from './describe-peers.ts';
import type { PeerUser } from './peer-user.ts';
import { otherSide, sides, type Side } from './peers.ts';
import { untilSameState } from './same-state.ts';

describePeers('downtime', (peers) => {
  const users = {} as Record<Side, PeerUser>;
  beforeAll(async () => {
    for (const side of sides) users[side] = await peers().register(side, side.toLowerCase());
  });

  for (const side of sides) {
    for (const version of ['1', '6', '10', '12']) {
      test(`${side} is down for a while, version ${version}: it learns what it has missed, in every room`, async () => {
        const [gone, there] = [users[side], users[otherSide(side)]];
        const rooms: string[] = [];
        for (const owner of [gone, there]) {
          const roomId = await owner.client.createRoom({ preset: 'public_chat', room_version: version });
          const guest = owner === gone ? there : gone;
          await guest.join(roomId, [owner.serverName]);
          await owner.seesMember(roomId, guest, 'join');
          await untilSameState(roomId, owner, guest);
          rooms.push(roomId);
        }
        const sent: string[][] = [];
        await whileDown(side, async () => {
          for (const roomId of rooms) {
            const ids: string[] = [];
            for (let count = 0; count < 15; count++) ids.push(await there.client.sendText(roomId, `missed ${count}`));
            ids.push(await there.client.sendEvent(roomId, 'org.example.last', {}));
            sent.push(ids);
          }
          await there.client.sendState(rooms[1]!, 'm.room.topic', { topic: 'while you were away' });
        });
        // To be told, a server that starts need only be spoken with; one that is up may find it out by itself.
        await there.client.sendText(rooms[0]!, 'back?');
        for (const [index, roomId] of rooms.entries()) {
          await gone.sees(roomId, sent[index]!.at(-1)!);
          const history = (await gone.history(roomId)).map(({ event_id: eventId }) => eventId);
          expect(history).toEqual(expect.arrayContaining(sent[index]!));
          await untilSameState(roomId, gone, there);
        }
        await gone.client.sendText(rooms[1]!, 'back again');
        await there.seesText(rooms[1]!, 'back again');
      });
    }
  }

  test.each(sides)('messages to devices wait for %s while it is down, and come once', async (side) => {
    const [gone, there] = [users[side], users[otherSide(side)]];
    await whileDown(side, async () => {
      for (const serial of [1, 2, 3]) await sendToDevice(there, gone, { serial });
    });
    await sendToDevice(there, gone, { serial: 4 });
    // Synapse tries again only when something happens: a request of the other server's is enough.
    const nobody = { params: { userId: `@nobody:${there.serverName}` } };
    await gone.client.call('getUserProfile', nobody, { expect: 'M_NOT_FOUND' });
    await gone.seesToDevice(({ content }) => content.serial === 4);
    const serials = gone.toDevice
      .filter(({ type }) => type === 'org.example.post')
      .map(({ content }) => content.serial);
    expect(serials).toEqual([1, 2, 3, 4]);
  });

  async function whileDown(side: Side, work: () => Promise<void>): Promise<void> {
    if (side === 'Myelin') return peers().myelin.restart({}, work);
    await peers().synapse.pause();
    await work();
    return peers().synapse.resume();
  }
});

async function sendToDevice(from: PeerUser, to: PeerUser, content: object): Promise<void> {
  const params = { eventType: 'org.example.post', txnId: from.client.nextTransaction() };
  const messages = { [to.userId]: { [to.client.deviceId!]: content } };
  await from.client.call('sendToDevice', { params, body: { messages } });
}
