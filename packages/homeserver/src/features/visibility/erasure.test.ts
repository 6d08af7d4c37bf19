import { describeServers, timelineOf, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let witness: TestClient;
  let late: TestClient;
  beforeAll(async () => {
    server = await start();
    witness = await server.registerUser('witness');
    late = await server.registerUser('late');
  });

  async function deactivate(client: TestClient, erase: boolean): Promise<void> {
    const user = client.userId!;
    const password = `correct horse ${user.slice(1, user.indexOf(':'))}`;
    const { session } = await client.call('deactivateAccount', { body: { erase } }, { expect: 401 });
    const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password, session };
    await client.call('deactivateAccount', { body: { erase, auth } });
  }

  /** A room in which somebody spoke to a witness, and left for ever; `late` came after that. */
  async function story(name: string, erase: boolean): Promise<{ roomId: string; eventId: string; editId: string }> {
    const author = await server.registerUser(name);
    const roomId = await witness.createRoom({ preset: 'public_chat' });
    await author.joinRoom(roomId);
    const eventId = await author.sendText(roomId, `secret of ${name}`);
    const editId = await author.sendEvent(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body: `* more of ${name}`,
      'm.new_content': { msgtype: 'm.text', body: `more of ${name}` },
      'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
    });
    await deactivate(author, erase);
    await late.joinRoom(roomId);
    return { roomId, eventId, editId };
  }

  const everything = async (client: TestClient, roomId: string, eventId: string): Promise<Json[]> => [
    await client.call('getOneRoomEvent', { params: { roomId, eventId } }),
    ...(await client.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 100 } })).chunk,
    ...timelineOf(await client.sync({ filter: { room: { timeline: { limit: 100 } } } }), roomId),
    (await client.call('getEventContext', { params: { roomId, eventId } })).event,
  ];

  describe('what somebody wrote who asked for it to be erased', () => {
    let roomId: string;
    let eventId: string;
    let editId: string;
    beforeAll(async () => {
      ({ roomId, eventId, editId } = await story('gone', true));
    });

    it('is hidden from those who came later', async () => {
      const seen = await everything(late, roomId, eventId);
      const shown = seen.filter((event) => event.event_id === eventId);
      expect(shown).toHaveLength(4);
      for (const event of shown) expect(event).toMatchObject({ content: {}, sender: '@gone:test' });
      expect(JSON.stringify(seen)).not.toMatch(/of gone/);
      const edits = await late.call('getRelatingEvents', { params: { roomId, eventId } });
      expect(JSON.stringify(edits)).not.toMatch(/of gone/);
    });

    it('stays with those who were there', async () => {
      const shown = (await everything(witness, roomId, eventId)).filter((event) => event.event_id === eventId);
      expect(shown).toHaveLength(4);
      for (const event of shown) expect(event.content.body).toBe('secret of gone');
      const edit = await witness.call('getOneRoomEvent', { params: { roomId, eventId: editId } });
      expect(edit.content['m.new_content'].body).toBe('more of gone');
    });
  });

  it('what somebody wrote who just left for ever is seen by all', async () => {
    const { roomId, eventId } = await story('leaver', false);
    const { content } = await late.call('getOneRoomEvent', { params: { roomId, eventId } });
    expect(content.body).toBe('secret of leaver');
  });

  it('is hidden after a restart too', async () => {
    const other = await start({ onDisk: true });
    const author = await other.registerUser('author');
    const roomId = await author.createRoom({ preset: 'public_chat' });
    const eventId = await author.sendText(roomId, 'a secret');
    const reader = await other.registerUser('reader');
    await reader.joinRoom(roomId);
    const read = async (): Promise<Json> => reader.call('getOneRoomEvent', { params: { roomId, eventId } });
    expect((await read()).content.body).toBe('a secret');
    await deactivate(author, true);
    expect((await read()).content).toEqual({});
    await other.restart();
    const again = (await other.client().login('reader')) as TestClient;
    expect((await again.call('getOneRoomEvent', { params: { roomId, eventId } })).content).toEqual({});
  });
});
