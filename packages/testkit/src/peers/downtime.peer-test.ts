import { beforeAll, expect, test } from 'vitest';
import { deviceKeysOf } from '../builders/device-keys.ts';
import type { TestClient } from '../client/test-client.ts';
import { commonVersions, describePeers } from './describe-peers.ts';
import type { PeerUser } from './peer-user.ts';
import { otherSide, sides, type Side } from './peers.ts';
import { untilSameState } from './same-state.ts';
import { until } from './until.ts';

describePeers('downtime', (peers) => {
  const users = {} as Record<Side, PeerUser>;
  /** One of each version, by turns of either server. */
  const rooms: { readonly version: string; readonly roomId: string }[] = [];
  beforeAll(async () => {
    for (const side of sides) users[side] = await peers().register(side, side.toLowerCase());
    for (const [index, version] of commonVersions.entries()) {
      const host = users[sides[index % 2]!];
      const guest = users[sides[(index + 1) % 2]!];
      const roomId = await host.client.createRoom({ preset: 'public_chat', room_version: version });
      await guest.join(roomId, [host.serverName]);
      await host.seesMember(roomId, guest, 'join');
      rooms.push({ version, roomId });
    }
    for (const { roomId } of rooms) await untilSameState(roomId, users.Myelin, users.Synapse);
  });

  for (const side of sides) {
    test(`${side} is down for a while: it learns what it has missed, in rooms of every version`, async () => {
      const [gone, there] = [users[side], users[otherSide(side)]];
      const sent = new Map<string, string[]>();
      await whileDown(side, async () => {
        for (const [index, { roomId }] of rooms.entries()) {
          const ids: string[] = [];
          // In one room more is missed than servers ask for at once.
          const count = index === 0 ? 25 : 3;
          for (let serial = 0; serial < count; serial++)
            ids.push(await there.client.sendText(roomId, `missed ${serial}`));
          const topic = { topic: `while ${side} was away` };
          if (index % 2 === sides.indexOf(otherSide(side))) await there.client.sendState(roomId, 'm.room.topic', topic);
          await there.redact(roomId, ids[1]!);
          sent.set(roomId, ids);
        }
      });
      const { roomId: first } = rooms[0]!;
      const opening = await there.client.sendText(first, 'anybody?');
      // An attempt that failed just then isn't made again before something happens, so there is more than one occasion.
      if (side === 'Synapse')
        await until('the first message after it', async () => {
          await speakUp(gone, there);
          return (await gone.history(first)).some((event) => event.event_id === opening);
        });
      else await gone.sees(first, opening);
      for (const { version, roomId } of rooms) {
        const last = await there.client.sendText(roomId, 'back?');
        await gone.sees(roomId, last);
        const history = new Map((await gone.history(roomId)).map((event) => [event.event_id, event.content.body]));
        const [first, second, ...rest] = sent.get(roomId)!;
        expect([...history.keys()], `version ${version}`).toEqual(expect.arrayContaining([first, second, ...rest]));
        expect([history.get(first), history.get(second)], `version ${version}`).toEqual(['missed 0', undefined]);
        await untilSameState(roomId, gone, there);
      }
      const { roomId } = rooms.at(-1)!;
      await gone.client.sendText(roomId, `${side} is back`);
      await there.seesText(roomId, `${side} is back`);
    });
  }

  test.each(sides)('messages to devices wait for %s while it is down, and come once', async (side) => {
    const [gone, there] = [users[side], users[otherSide(side)]];
    await whileDown(side, async () => {
      for (const serial of [1, 2, 3]) await sendToDevice(there, gone, { serial });
    });
    await sendToDevice(there, gone, { serial: 4 });
    if (side === 'Synapse') await speakUp(gone, there);
    await gone.seesToDevice(({ content }) => content.serial === 4);
    const serials = gone.toDevice
      .filter(({ type }) => type === 'org.example.post')
      .map(({ content }) => content.serial);
    expect(serials).toEqual([1, 2, 3, 4]);
  });

  test.each(sides)('who was put out of a room, and which devices came, %s learns when it is back', async (side) => {
    const [gone, there] = [users[side], users[otherSide(side)]];
    const roomId = await there.client.createRoom({ preset: 'public_chat' });
    await gone.join(roomId, [there.serverName]);
    await there.seesMember(roomId, gone, 'join');
    await there.client.call('uploadKeys', { body: { device_keys: deviceKeysOf(there.client) } });
    const devices = async (): Promise<string[]> => {
      const body = { device_keys: { [there.userId]: [] } };
      return Object.keys((await gone.client.call('queryKeys', { body })).device_keys[there.userId] ?? {});
    };
    await until('the first device', async () => (await devices()).includes(there.client.deviceId!));
    let second!: TestClient;
    await whileDown(side, async () => {
      second = await there.client.login(there.userId, `correct horse ${otherSide(side).toLowerCase()}`);
      await second.call('uploadKeys', { body: { device_keys: deviceKeysOf(second) } });
      await there.kick(roomId, gone);
    });
    await sendToDevice(there, gone, { serial: 5 });
    if (side === 'Synapse') await speakUp(gone, there);
    await until('the second device', async () => (await devices()).includes(second.deviceId!));
    await gone.isIn('leave', roomId);
  });

  async function whileDown(side: Side, work: () => Promise<void>): Promise<void> {
    if (side === 'Myelin')
      return peers().myelin.restart({}, async () => {
        await work();
        peers().runtime.forward(300_000);
      });
    await peers().synapse.pause();
    await work();
    return peers().synapse.resume();
  }
});

describePeers(
  'a long downtime',
  (peers) => {
    test('Myelin is given up for a day: it is sent what it has missed all the same when it comes back', async () => {
      const [gone, there] = [await peers().register('Myelin', 'gone'), await peers().register('Synapse', 'there')];
      const roomId = await there.client.createRoom({ preset: 'public_chat' });
      await gone.join(roomId, [there.serverName]);
      await there.seesMember(roomId, gone, 'join');
      await gone.sees(roomId, await there.client.sendText(roomId, 'before'));
      let missed = '';
      await peers().myelin.restart({}, async () => {
        // What asks it and fails is a failure that counts.
        await there.client.call('getUserProfile', { params: { userId: gone.userId } }, { expect: 502 });
        missed = await there.client.sendText(roomId, 'missed');
        peers().runtime.forward(300_000);
      });
      await gone.sees(roomId, missed);
    });
  },
  { retryMs: 86_400_000 },
);

/** A server is tried again that was down when it makes a request; Myelin does so by itself when it has come back. */
async function speakUp(gone: PeerUser, there: PeerUser): Promise<void> {
  const nobody = { params: { userId: `@nobody:${there.serverName}` } };
  await gone.client.call('getUserProfile', nobody, { expect: 'M_NOT_FOUND' });
}

async function sendToDevice(from: PeerUser, to: PeerUser, content: object): Promise<void> {
  const params = { eventType: 'org.example.post', txnId: from.client.nextTransaction() };
  const messages = { [to.userId]: { [to.client.deviceId!]: content } };
  await from.client.call('sendToDevice', { params, body: { messages } });
}
