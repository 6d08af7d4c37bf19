import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let oldRoom: string;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });
  beforeEach(async () => {
    oldRoom = await alice.createRoom({ preset: 'public_chat', room_version: '10' });
    await bob.joinRoom(oldRoom);
  });
  const ruleIds = async (client: TestClient, kind: string): Promise<string[]> =>
    (await client.call('getPushRules')).global[kind]
      .filter((rule: any) => !rule.default)
      .map((rule: any) => rule.rule_id);
  const tags = async (client: TestClient, roomId: string) =>
    (await client.call('getRoomTags', { params: { userId: client.userId!, roomId } })).tags;
  const prepare = async (client: TestClient): Promise<void> => {
    const userId = client.userId!;
    await client.call('setPushRule', { params: { kind: 'room', ruleId: oldRoom }, body: { actions: ['notify'] } });
    await client.call('setPushRuleEnabled', { params: { kind: 'room', ruleId: oldRoom }, body: { enabled: false } });
    const conditions = [{ kind: 'event_match', key: 'room_id', pattern: oldRoom }];
    await client.call('setPushRule', {
      params: { kind: 'override', ruleId: oldRoom },
      body: { actions: [], conditions },
    });
    await client.call('setRoomTag', { params: { userId, roomId: oldRoom, tag: 'm.favourite' }, body: { order: 0.5 } });
    await client.call('setAccountData', {
      params: { userId, type: 'm.direct' },
      body: { '@x:y': [oldRoom], '@z:y': ['!other:y'] },
    });
  };

  describe('an upgraded room', () => {
    it("gets its members' push rules, tags and direct chats", async () => {
      for (const client of [alice, bob]) await prepare(client);
      await bob.sync();
      const { replacement_room: newRoom } = await alice.call('upgradeRoom', {
        params: { roomId: oldRoom },
        body: { new_version: '11' },
      });
      await bob.joinRoom(newRoom);
      for (const client of [alice, bob]) {
        expect(await ruleIds(client, 'room')).toEqual(expect.arrayContaining([newRoom, oldRoom]));
        expect(await ruleIds(client, 'override')).toEqual(expect.arrayContaining([newRoom, oldRoom]));
        const rule = await client.call('getPushRule', { params: { kind: 'override', ruleId: newRoom } });
        expect(rule.conditions).toEqual([{ kind: 'event_match', key: 'room_id', pattern: newRoom }]);
        expect(await client.call('isPushRuleEnabled', { params: { kind: 'room', ruleId: newRoom } })).toEqual({
          enabled: false,
        });
        expect(await tags(client, newRoom)).toEqual({ 'm.favourite': { order: 0.5 } });
        const direct = await client.call('getAccountData', { params: { userId: client.userId!, type: 'm.direct' } });
        expect(direct).toEqual({ '@x:y': [oldRoom, newRoom], '@z:y': ['!other:y'] });
      }
      const answer = await bob.sync({ since: bob.nextBatch! });
      expect(answer.account_data.events.map((event: any) => event.type).toSorted()).toEqual([
        'm.direct',
        'm.push_rules',
      ]);
    });

    it('gets nothing if only it says that it takes the place of another', async () => {
      await prepare(bob);
      const impostor = await alice.createRoom({
        preset: 'public_chat',
        creation_content: { predecessor: { room_id: oldRoom, event_id: '$x' } },
      });
      await bob.joinRoom(impostor);
      expect(await ruleIds(bob, 'room')).not.toContain(impostor);
      expect(await tags(bob, impostor)).toEqual({});
    });

    it('gets nothing from those who had set nothing', async () => {
      const carol = await server.registerUser('carol');
      await carol.joinRoom(oldRoom);
      const { replacement_room: newRoom } = await alice.call('upgradeRoom', {
        params: { roomId: oldRoom },
        body: { new_version: '11' },
      });
      await carol.sync();
      await carol.joinRoom(newRoom);
      expect((await carol.sync({ since: carol.nextBatch! })).account_data.events).toEqual([]);
    });
  });
});
