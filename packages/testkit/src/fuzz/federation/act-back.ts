import type { TestClient } from '../../client/test-client.ts';
import { problemsOfCall, type ClientCall } from './asked-answers.ts';
import type { Situation } from './foreign-world.ts';

/** No action takes longer, on whatever machine the tests run, in ms. */
const longestMs = 30_000;

/** Does in the situation's room what clients do, whatever is in it by now; resolves to what went wrong. */
export async function actBack(there: Situation, newcomer: TestClient): Promise<string[]> {
  const { alice, carol, bob, dora, roomId, eventIds, random, version } = there;
  const room = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`;
  const event = encodeURIComponent(random.pick(eventIds).toWellFormed());
  const call = (method: string, path: string, body: object = {}): ClientCall => ({ method, path, body });
  const send = (type: string, body: object): ClientCall =>
    call('PUT', `${room}/send/${type}/act${random.below(1e9)}`, body);
  const state = (type: string, body: object): ClientCall => call('PUT', `${room}/state/${type}/`, body);
  const relation = (rel_type: string): object => ({
    rel_type,
    event_id: random.pick(eventIds).toWellFormed(),
    key: 'x',
  });
  const acts: [TestClient, ClientCall][] = [
    [
      carol,
      send('m.room.message', { msgtype: 'm.text', body: 'hello bob', 'm.mentions': { user_ids: [alice.userId] } }),
    ],
    [carol, send('m.reaction', { 'm.relates_to': relation('m.annotation') })],
    [
      carol,
      send('m.room.message', {
        msgtype: 'm.text',
        body: '* x',
        'm.new_content': {},
        'm.relates_to': relation('m.replace'),
      }),
    ],
    [carol, send('m.room.message', { msgtype: 'm.text', body: 'in it', 'm.relates_to': relation('m.thread') })],
    [alice, call('PUT', `${room}/redact/${event}/act${random.below(1e9)}`)],
    [
      alice,
      call('POST', `${room}/read_markers`, { 'm.fully_read': random.pick(eventIds), 'm.read': random.pick(eventIds) }),
    ],
    [alice, state('m.room.topic', { topic: 'by us' })],
    [alice, state('m.room.canonical_alias', { alias: there.alias })],
    [alice, state('m.room.server_acl', { allow: ['*'], deny: [] })],
    [alice, call('PUT', `${room}/typing/${encodeURIComponent(alice.userId!)}`, { typing: true, timeout: 1_000 })],
    [alice, call('POST', `${room}/invite`, { user_id: newcomer.userId })],
    [newcomer, { method: 'GET', path: '/_matrix/client/v3/sync?timeout=0' }],
    [newcomer, call('POST', `/_matrix/client/v3/knock/${encodeURIComponent(roomId)}`)],
    [newcomer, call('POST', `${room}/join`)],
    [
      newcomer,
      call('PUT', `/_matrix/client/v3/profile/${encodeURIComponent(newcomer.userId!)}/displayname`, {
        displayname: 'New',
      }),
    ],
    [alice, call('POST', `${room}/kick`, { user_id: random.pick([bob, dora, newcomer.userId!]) })],
    [alice, call('POST', `${room}/ban`, { user_id: dora })],
    [alice, call('POST', `${room}/unban`, { user_id: dora })],
    [carol, call('POST', `${room}/leave`)],
    [carol, call('POST', `${room}/join`)],
    [alice, call('POST', `${room}/upgrade`, { new_version: random.pick(['6', '11', '12', version]) })],
    [alice, { method: 'GET', path: '/_matrix/client/v3/sync?timeout=0' }],
    [newcomer, call('POST', `${room}/leave`)],
    [newcomer, call('POST', `${room}/forget`)],
    [newcomer, { method: 'GET', path: `${room}/messages?dir=b` }],
  ];
  const problems: string[] = [];
  for (const [client, act] of acts) {
    const { body, ...bare } = act;
    problems.push(
      ...(await problemsOfCall(client, act.method === 'GET' ? bare : { ...bare, body: body ?? {} }, longestMs)),
    );
  }
  return problems;
}
