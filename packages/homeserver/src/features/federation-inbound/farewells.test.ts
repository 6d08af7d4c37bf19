import { describeFederations, PeerRooms, TestPeer, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  let alice: TestClient;
  let near: PeerRooms;
  let far: PeerRooms;
  let bob: string;
  let carol: string;
  let roomId: string;
  let ofBob: PeerRoom;
  let ofCarol: PeerRoom;

  beforeAll(async () => {
    const [server] = (await start(1)) as [TestServer];
    const handler = () => ({ body: { pdus: {} } });
    near = new PeerRooms(await TestPeer.start({ host: '127.0.0.1', handler }), server);
    far = new PeerRooms(await TestPeer.start({ handler }), server);
    bob = near.userId('bob');
    carol = far.userId('carol');
    alice = await server.registerUser('alice');
  });
  afterAll(() => Promise.all([near.peer.stop(), far.peer.stop()]));
  beforeEach(async () => {
    roomId = await alice.createRoom({
      preset: 'public_chat',
      power_level_content_override: { users: { [bob]: 50 } },
    });
    ofCarol = await PeerRoom.enter(far, roomId, carol);
    ofBob = await PeerRoom.enter(near, roomId, bob);
  });

  /** How often Carol's server was told that she is out of the room. */
  const told = (): number =>
    far.peer.received
      .filter(({ url }) => url.includes('/send/'))
      .flatMap(({ body }) => JSON.parse(body).pdus as Json[])
      .filter((pdu) => pdu.room_id === roomId && pdu.state_key === carol && pdu.content.membership === 'leave').length;
  const say = async (): Promise<void> => {
    const content = { msgtype: 'm.text', body: 'still here' };
    await ofCarol.send(ofCarol.next({ type: 'm.room.message', sender: carol, content }));
  };
  /** Something that this server sends to both after what it has to send already. */
  const settled = async (): Promise<void> => {
    const count = (): number => near.peer.received.length;
    const before = count();
    await alice.sendText(roomId, 'later');
    await vi.waitFor(() => expect(count()).toBeGreaterThan(before), { timeout: 10_000 });
  };

  // The simulator's seed 851.
  it('a server that speaks in a room out of which another one has put its user is told so, once', async () => {
    const kick = { type: 'm.room.member', sender: bob, stateKey: carol, content: { membership: 'leave' } };
    await ofBob.send(ofBob.next(kick));
    await settled();
    expect(told()).toBe(0);
    await say();
    await vi.waitFor(() => expect(told()).toBe(1), { timeout: 10_000 });
    await say();
    await settled();
    expect(told()).toBe(1);
  });

  it('a server whose user this one has put out was told so then', async () => {
    await alice.call('kick', { params: { roomId }, body: { user_id: carol } });
    await vi.waitFor(() => expect(told()).toBe(1), { timeout: 10_000 });
    await say();
    await settled();
    expect(told()).toBe(1);
  });

  it('a server whose user has left by itself knows that', async () => {
    await ofCarol.send(
      ofCarol.make({ type: 'm.room.member', sender: carol, stateKey: carol, content: { membership: 'leave' } }),
    );
    await say();
    await settled();
    expect(told()).toBe(0);
  });
});
