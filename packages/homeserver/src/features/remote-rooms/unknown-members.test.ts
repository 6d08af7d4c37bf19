import { systemRuntime, systemTimers, type Timers } from '@myelin/runtime';
import { ManualTime } from '@myelin/runtime/testing';
import { describeFederations, TestPeer, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { membersPatienceMs } from '../partial-rooms/index.ts';
import { PartialRoom } from './testing/partial-room.ts';

/** What ends the patience of who waits for members goes by this clock, all else by the real one. */
class PatienceTimers extends ManualTime implements Timers {
  override after(ms: number, task: () => void): ReturnType<Timers['after']> {
    return ms === membersPatienceMs ? super.after(ms, task) : systemTimers.after(ms, task);
  }
  override every(ms: number, task: () => void): ReturnType<Timers['every']> {
    return systemTimers.every(ms, task);
  }
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemTimers.sleep(ms, signal);
  }
}

describeFederations((start) => {
  const timers = new PatienceTimers();
  let server: TestServer;
  let peer: TestPeer;
  let bob: TestClient;
  let room: PartialRoom;
  let derek: string;
  beforeAll(async () => {
    [server] = (await start(1, { runtime: { ...systemRuntime, timers } })) as [TestServer];
    peer = await TestPeer.start();
    bob = await server.registerUser('bob');
  });
  afterAll(() => peer.stop());
  beforeEach(async () => {
    room = new PartialRoom(peer);
    room.enter('derek');
    room.add('m.room.power_levels', { users: { [room.owner]: 100, [bob.userId!]: 100 } }, '');
    derek = room.userId('derek');
    peer.handler = (request) => room.handle(request);
    const query = { via: [peer.serverName] };
    await bob.call('joinRoom', { params: { roomIdOrAlias: room.roomId }, query, body: {} });
  });

  /** What somebody asks while the members aren't known, when their patience has ended. */
  async function impatiently<T>(...asked: readonly Promise<T>[]): Promise<T[]> {
    let answers = 0;
    for (const each of asked) void each.finally(() => answers++);
    await expect.poll(() => timers.waiting).toBe(asked.length);
    timers.advance(membersPatienceMs - 1);
    await new Promise<void>((resolve) => systemTimers.soon(resolve));
    expect(answers).toBe(0);
    timers.advance(1);
    return Promise.all(asked);
  }
  const later = { expect: 503 };
  const params = (more: object = {}): object => ({ roomId: room.roomId, ...more });
  const call = (operation: string, options: object, expectation = {}): Promise<Json> =>
    bob.call(operation as 'kick', options as never, expectation);

  it('who asks for members that nobody tells is told so, and may ask again', async () => {
    const answers = await impatiently(
      call('getMembersByRoom', { params: params() }, later),
      call('getJoinedMembersByRoom', { params: params() }, later),
      call('getRoomState', { params: params() }, later),
      call('getRoomStateWithKey', { params: params({ eventType: 'm.room.member', stateKey: derek }) }, later),
    );
    expect(new Set(answers.map(({ errcode }) => errcode))).toEqual(new Set(['M_UNKNOWN']));
    room.release();
    const { joined } = await call('getJoinedMembersByRoom', { params: params() });
    expect(Object.keys(joined)).toContain(derek);
    expect(timers.waiting).toBe(0);
  });

  it('who asks in or puts out somebody who may be in the room is told so, and nothing happens', async () => {
    const body = { user_id: derek };
    const answers = await impatiently(
      call('inviteUser', { params: params(), body }, later),
      call('kick', { params: params(), body }, later),
      call('ban', { params: params(), body }, later),
      call('unban', { params: params(), body }, later),
      call(
        'setRoomStateWithKey',
        { params: params({ eventType: 'm.room.member', stateKey: derek }), body: { membership: 'ban' } },
        later,
      ),
    );
    expect(new Set(answers.map(({ errcode }) => errcode))).toEqual(new Set(['M_UNKNOWN']));
    room.release();
    const { joined } = await call('getJoinedMembersByRoom', { params: params() });
    expect(Object.keys(joined)).toContain(derek);
  });

  it('what is around an event is shown with the members that are known', async () => {
    const said = room.put(room.owner, 'm.room.message', { body: 'anybody there?', msgtype: 'm.text' });
    await room.send(server, said);
    const [context] = await impatiently(call('getEventContext', { params: params({ eventId: said.eventId }) }));
    expect(context.event.event_id).toBe(said.eventId);
    const members = context.state.filter(({ type }: Json) => type === 'm.room.member');
    expect(members.map((event: Json) => event.state_key).toSorted()).toEqual([bob.userId, room.owner].toSorted());
  });

  it('nobody waits for a client that has gone', async () => {
    const roomId = encodeURIComponent(room.roomId);
    const gone = new AbortController();
    const ask = (path: string, method = 'GET'): Promise<unknown> =>
      fetch(`${server.baseUrl}/_matrix/client/v3/rooms/${roomId}/${path}`, {
        method,
        headers: { authorization: `Bearer ${bob.accessToken}` },
        signal: gone.signal,
        ...(method === 'POST' ? { body: JSON.stringify({ user_id: derek }) } : {}),
      }).catch(() => {});
    const own = encodeURIComponent(await bob.sendText(room.roomId, 'hello'));
    const asked = [ask('members'), ask('state'), ask(`context/${own}`), ask('invite', 'POST'), ask('kick', 'POST')];
    await expect.poll(() => timers.waiting).toBe(asked.length);
    gone.abort();
    await Promise.all(asked);
    await expect.poll(() => timers.waiting).toBe(0);
    room.release();
    const { joined } = await call('getJoinedMembersByRoom', { params: params() });
    expect(Object.keys(joined)).toContain(derek);
  });
});
