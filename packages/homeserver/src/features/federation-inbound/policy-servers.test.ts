import { CanonicalEvent, roomVersion, SigningKey, type JsonObject } from '@myelin/protocol';
import {
  describeFederations,
  PeerRooms,
  TestPeer,
  type PeerAnswer,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

const path = '/_matrix/policy/v1/sign';
const keyId = 'ed25519:policy_server';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let bob: string;
  let asked: JsonObject[];
  /** Instead of a signature. */
  let refusal: ((event: JsonObject) => PeerAnswer | undefined) | undefined;
  const key = new SigningKey('ed25519:policy_server', Buffer.alloc(32, 'policy of tests'));

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    there = new PeerRooms(peer, server);
    bob = there.userId('bob');
    alice = await server.registerUser('alice');
    peer.handler = ({ method, url, body }) => {
      if (url.includes('/send/')) return { body: { pdus: {} } };
      if (url !== path || method !== 'POST') return undefined;
      const event = JSON.parse(body) as JsonObject;
      asked.push(event);
      return refusal?.(event) ?? { body: signatureOf(event) };
    };
  });
  afterAll(() => peer.stop());
  beforeEach(() => {
    asked = [];
    refusal = undefined;
  });

  let version: string;
  function signatureOf(event: JsonObject, by = key): JsonObject {
    const { signatures: _signatures, ...rest } = event;
    const text = CanonicalEvent.of(rest, roomVersion(version)!).signableText();
    return { [peer.serverName]: { [keyId]: by.sign(text) } };
  }

  const policy = (content: object = {}): object => ({
    via: peer.serverName,
    public_keys: { ed25519: key.publicKey },
    ...content,
  });

  /** A room that has the policy server, with bob of that server in it. */
  async function guarded(roomVersionId = '11', content = policy()): Promise<{ roomId: string; room: PeerRoom }> {
    version = roomVersionId;
    const roomId = await alice.createRoom({ preset: 'public_chat', room_version: version });
    const room = await PeerRoom.enter(there, roomId, bob);
    await alice.sendState(roomId, 'm.room.policy', content);
    expect(asked).toEqual([]);
    return { roomId, room };
  }

  const stored = async (roomId: string, eventId: string): Promise<any> => {
    const answer = await there.get(`/v1/event/${encodeURIComponent(eventId)}`);
    expect(answer.pdus[0].room_id ?? roomId).toBe(roomId);
    return answer.pdus[0];
  };

  describe('an event of a local user', () => {
    it.each(['1', '11', '12'])('is signed by the policy server before it is sent (version %s)', async (id) => {
      const { roomId } = await guarded(id);
      const said = await alice.sendText(roomId, 'hello');
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatchObject({ type: 'm.room.message', content: { body: 'hello' } });
      const event = await stored(roomId, said);
      expect(event.signatures[peer.serverName]).toEqual(signatureOf(event)[peer.serverName]);
      expect(Object.keys(event.signatures)).toContain(server.serverName);
      const seen = await alice.waitForEvent(roomId, said);
      expect(seen.content.body).toBe('hello');
      await alice.sendState(roomId, 'm.room.topic', { topic: 'state too' });
      expect(asked).toHaveLength(2);
    });

    it('is not sent where it is refused, and the client is told why', async () => {
      const { roomId } = await guarded();
      refusal = () => ({ status: 400, body: { errcode: 'M_FORBIDDEN', error: 'This looks like spam' } });
      const params = { roomId, eventType: 'm.room.message', txnId: 'refused' };
      const body = { msgtype: 'm.text', body: 'buy' };
      const answer = await alice.call('sendMessage', { params, body }, { expect: 'M_FORBIDDEN' });
      expect(answer.error).toBe('This looks like spam');
      const page = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 5 } });
      expect(page.chunk[0].type).toBe('m.room.policy');
      refusal = undefined;
      await alice.sendText(roomId, 'something else');
    });

    it.each<[string, (event: JsonObject) => PeerAnswer]>([
      ['signs nothing', () => ({ body: {} })],
      [
        'signs with another key',
        (event) => ({ body: signatureOf(event, new SigningKey(keyId, Buffer.alloc(32, 'x'))) }),
      ],
      ['signs something else', (event) => ({ body: signatureOf({ ...event, depth: 1 }) })],
      ['is none', () => ({ status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'x' } })],
      ['answers with half a character', () => ({ status: 400, body: '{"errcode":"M_FORBIDDEN","error":"\\ud800"}' })],
    ])('is not sent where the server %s', async (_what, answer) => {
      const { roomId } = await guarded();
      refusal = answer;
      const params = { roomId, eventType: 'm.room.message', txnId: 'x' };
      await alice.call('sendMessage', { params, body: { msgtype: 'm.text', body: 'x' } }, { expect: 'M_FORBIDDEN' });
    });

    it('is signed among many at once', async () => {
      const { roomId } = await guarded();
      const ids = await Promise.all(Array.from({ length: 8 }, (_none, i) => alice.sendText(roomId, `text ${i}`)));
      expect(new Set(ids).size).toBe(8);
      for (const id of ids) {
        const event = await stored(roomId, id);
        expect(event.signatures[peer.serverName]).toEqual(signatureOf(event)[peer.serverName]);
      }
    });

    it.each([
      ['is not valid', { public_keys: {} }],
      ['names a server that is not in the room', { via: 'elsewhere.test' }],
    ])('needs no signature where the policy %s', async (_what, content) => {
      const { roomId } = await guarded('11', policy(content));
      await alice.sendText(roomId, 'hello');
      expect(asked).toEqual([]);
    });

    it('needs none any more when the policy is taken away', async () => {
      const { roomId } = await guarded();
      await alice.sendState(roomId, 'm.room.policy', {});
      await alice.sendText(roomId, 'hello');
      expect(asked).toEqual([]);
    });
  });

  describe('an event of another server', () => {
    const message = (body: string) => ({ type: 'm.room.message', sender: bob, content: { msgtype: 'm.text', body } });

    async function place(room: PeerRoom, roomId: string): Promise<void> {
      const at = await alice.sendText(roomId, 'before');
      asked = [];
      const event = await stored(roomId, at);
      room.newest = { ...room.newest, eventId: at, event, depth: event.depth };
    }

    it('is shown if it is signed, and asked for if it is not', async () => {
      const { roomId, room } = await guarded();
      await place(room, roomId);
      const made = room.make(message('signed'));
      const own = made.event['signatures'] as any;
      const signature = signatureOf(made.event)[peer.serverName] as object;
      const signatures = { [peer.serverName]: { ...own[peer.serverName], ...signature } };
      expect(await room.send({ event: { ...made.event, signatures } })).toEqual({ [made.eventId]: {} });
      await alice.waitForEvent(roomId, made.eventId);
      expect(asked).toEqual([]);
      const bare = room.make(message('bare'));
      await room.send(bare);
      await alice.waitForEvent(roomId, bare.eventId);
      expect(asked).toHaveLength(1);
      // Others that ask this server for it aren't to have to ask the policy server again.
      const kept = await stored(roomId, bare.eventId);
      expect(kept.signatures[peer.serverName]).toEqual({
        ...(bare.event['signatures'] as any)[peer.serverName],
        ...(signatureOf(bare.event)[peer.serverName] as object),
      });
    });

    it('is soft-failed if the policy server does not want it', async () => {
      const { roomId, room } = await guarded();
      await place(room, roomId);
      refusal = () => ({ status: 400, body: { errcode: 'M_FORBIDDEN', error: 'spam' } });
      const spam = room.make(message('spam'));
      expect(await room.send(spam)).toEqual({ [spam.eventId]: {} });
      refusal = undefined;
      const good = room.make(message('good'));
      await room.send(good);
      await alice.waitForEvent(roomId, good.eventId);
      await alice.call('getOneRoomEvent', { params: { roomId, eventId: spam.eventId } }, { expect: 404 });
    });
  });
});
