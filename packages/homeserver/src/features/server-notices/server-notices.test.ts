import { sendServerNotice, sendServerNoticeWithTransaction } from '@myelin/api';
import { describeServers, timelineOf, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, expect, it } from 'vitest';

const server_notices = {
  system_mxid_localpart: 'notices',
  system_mxid_display_name: 'The server',
  room_name: 'News',
  room_topic: 'What is new here',
};

describeServers((start) => {
  let server: TestServer;
  let admin: TestClient;
  beforeAll(async () => {
    server = await start({ config: { server_notices } });
    admin = await server.registerAdmin('admin');
  });

  const notice = (user: TestClient, body = 'hello', more: object = {}): object => ({
    user_id: user.userId,
    content: { msgtype: 'm.text', body },
    ...more,
  });
  const send = async (user: TestClient, body?: string): Promise<string> =>
    (await admin.call(sendServerNotice, { body: notice(user, body) })).event_id;
  const invited = async (client: TestClient): Promise<string> => {
    const answer = await client.syncUntil((one) => Object.keys(one.rooms?.invite ?? {}).length > 0);
    return Object.keys(answer.rooms.invite)[0]!;
  };

  it('come in a room of their own, which must be entered and may be left', async () => {
    const alice = await server.registerUser('alice');
    await alice.sync();
    const eventId = await send(alice, 'first');
    const room = await invited(alice);
    await alice.call('leaveRoom', { params: { roomId: room } }, { expect: 'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM' });
    await alice.joinRoom(room);
    const answer = await alice.sync();
    const { timeline, state, account_data: data } = answer.rooms.join[room];
    const all: Json[] = [...state.events, ...timeline.events];
    const told = all.find((event) => event.event_id === eventId);
    expect(told).toMatchObject({ sender: '@notices:test', content: { body: 'first' } });
    expect(all.find((event) => event.type === 'm.room.name').content.name).toBe('News');
    expect(all.find((event) => event.state_key === '@notices:test').content.displayname).toBe('The server');
    expect(data.events).toContainEqual({ type: 'm.tag', content: { tags: { 'm.server_notice': {} } } });
    const body = { msgtype: 'm.text', body: 'answer' };
    const params = { roomId: room, eventType: 'm.room.message', txnId: 'a' };
    await alice.call('sendMessage', { params, body }, { expect: 'M_FORBIDDEN' });
    await alice.leaveRoom(room);
    await alice.sync();
    await send(alice, 'second');
    expect(await invited(alice)).toBe(room);
  });

  it('with the same transaction id are sent once, and can be state', async () => {
    const bob = await server.registerUser('bob');
    const once = async (txnId: string): Promise<string> =>
      (await admin.call(sendServerNoticeWithTransaction, { params: { txnId }, body: notice(bob) })).event_id;
    const first = await once('1');
    expect(await once('1')).toBe(first);
    expect(await once('2')).not.toBe(first);
    const room = Object.keys((await bob.sync()).rooms.invite)[0]!;
    await bob.joinRoom(room);
    const state = { type: 'org.example.state', state_key: 'x', content: { a: 1 } };
    await admin.call(sendServerNotice, { body: { user_id: bob.userId, ...state } });
    expect(timelineOf(await bob.sync(), room).at(-1)).toMatchObject(state);
  });

  it('are sent by administrators, to users of this server', async () => {
    const carol = await server.registerUser('carol');
    await carol.call(sendServerNotice, { body: notice(carol) }, { expect: 'M_FORBIDDEN' });
    const to = (user_id: string, expect: `M_${string}`): Promise<Json> =>
      admin.call(sendServerNotice, { body: { user_id, content: { body: 'x' } } }, { expect });
    await to('@nobody:test', 'M_NOT_FOUND');
    await to('@alice:elsewhere.example', 'M_INVALID_PARAM');
    await to('nonsense', 'M_INVALID_PARAM');
    await admin.call(sendServerNotice, { body: { user_id: carol.userId } }, { expect: 'M_MISSING_PARAM' });
  });

  it('come from a user whom nobody can be or invite', async () => {
    const dora = await server.registerUser('dora');
    await send(dora);
    const auth = { type: 'm.login.dummy' };
    await server
      .client()
      .call('register', { body: { username: 'notices', password: 'x', auth } }, { expect: 'M_EXCLUSIVE' });
    const roomId = await dora.createRoom();
    await dora.call(
      'inviteUser',
      { params: { roomId }, body: { user_id: '@notices:test' } },
      { expect: 'M_FORBIDDEN' },
    );
  });

  it('can bring users in without asking', async () => {
    const other = await start({ config: { server_notices: { ...server_notices, auto_join: true } } });
    const root = await other.registerAdmin('root');
    const eve = await other.registerUser('eve');
    const { event_id: eventId } = await root.call(sendServerNotice, { body: notice(eve) });
    const { join } = (await eve.sync()).rooms;
    expect(JSON.stringify(join)).toContain(eventId);
  });

  it('are off where nobody has set them up', async () => {
    const other = await start();
    const root = await other.registerAdmin('root');
    await root.call(sendServerNotice, { body: notice(root) }, { expect: 400 });
  });
});
