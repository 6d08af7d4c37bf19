import { systemTimers } from '@myelin/runtime';
import { describeFederations, PeerRooms, shiftableRuntime, TestPeer, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  /** What the server does after a longer time, when the test says so. */
  const later: (() => void)[] = [];
  const runtime = shiftableRuntime();
  const timers: typeof systemTimers = {
    ...systemTimers,
    after(ms, task) {
      if (ms < 30_000) return systemTimers.after(ms, task);
      let isWanted = true;
      later.push(() => isWanted && task());
      return { cancel: () => (isWanted = false) };
    },
  };
  const passes = (ms: number): void => {
    runtime.forward(ms);
    for (const task of later.splice(0)) task();
  };
  let server: TestServer;
  let peer: TestPeer;
  let quiet: TestPeer;
  beforeAll(async () => {
    [server] = (await start(1, { runtime: { ...runtime, timers } })) as [TestServer];
    peer = await TestPeer.start();
    quiet = await TestPeer.start({ host: '127.0.0.1' });
  });
  afterAll(() => Promise.all([peer.stop(), quiet.stop()]));

  it('an event whose keys cannot be had has no fault, and has its place once they can', async () => {
    const there = new PeerRooms(peer, server);
    const elsewhere = new PeerRooms(quiet, server);
    const alice = await server.registerUser('alice');
    const roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
    const room = await PeerRoom.enter(there, roomId, there.userId('bob'));
    const carol = elsewhere.userId('carol');
    const join = { type: 'm.room.member', sender: carol, stateKey: carol, content: { membership: 'join' } };
    const signed = elsewhere.sign(room.make(join).event, '11');
    quiet.keyAnswer = () => undefined;
    expect(await room.send(signed)).toEqual({ [signed.eventId]: {} });
    const joined = async (): Promise<string[]> =>
      Object.keys((await alice.call('getJoinedMembersByRoom', { params: { roomId } })).joined);
    expect(await joined()).not.toContain(carol);

    quiet.keyAnswer = (answer) => answer;
    passes(3_600_000);
    await alice.waitForEvent(roomId, (event) => event.event_id === signed.eventId);
    expect(await joined()).toContain(carol);
  });
});
