import { signJson } from '@myelin/protocol';
import { crossSigningKeysOf, describeServers, deviceKeysOf, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

describeServers((start, database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  let users = 0;

  async function newUser(on = server): Promise<TestClient> {
    const client = await on.registerUser(`lists${++users}`);
    await uploadKeys(client);
    return client;
  }

  let uploads = 0;

  async function uploadKeys(client: TestClient): Promise<void> {
    await client.call('uploadKeys', { body: { device_keys: deviceKeysOf(client, { upload: ++uploads }) } });
  }

  /** A room of all of them; the first makes it. */
  async function roomOf(...clients: TestClient[]): Promise<string> {
    const [first, ...others] = clients as [TestClient, ...TestClient[]];
    const roomId = await first.createRoom({ preset: 'public_chat' });
    for (const other of others) await other.joinRoom(roomId);
    return roomId;
  }

  interface Lists {
    readonly changed: string[];
    readonly left: string[];
  }

  /** What a sync and /keys/changes tell since the last sync; both must say the same. */
  async function lists(client: TestClient): Promise<Lists> {
    const since = client.nextBatch!;
    const { device_lists: told } = await client.sync({ since });
    const asked = await client.call('getKeysChanges', { query: { from: since, to: client.nextBatch! } });
    const sorted = ({ changed = [], left = [] }: { changed?: string[]; left?: string[] }): Lists => ({
      changed: changed.toSorted(),
      left: left.toSorted(),
    });
    expect(sorted(asked)).toEqual(sorted(told));
    return sorted(told);
  }

  const nothing: Lists = { changed: [], left: [] };

  describe('changed', () => {
    test('who uploads keys is told to those who share a room, once', async () => {
      const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
      await roomOf(alice, bob);
      for (const client of [alice, bob, carol]) await client.sync();
      await uploadKeys(bob);
      expect(await lists(alice)).toEqual({ changed: [bob.userId], left: [] });
      expect(await lists(bob)).toEqual({ changed: [bob.userId], left: [] });
      expect(await lists(carol)).toEqual(nothing);
      expect(await lists(alice)).toEqual(nothing);
      await bob.call('uploadKeys', { body: { one_time_keys: { 'curve25519:A': 'x' } } });
      expect(await lists(alice)).toEqual(nothing);
    });

    test('a long poll is woken', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await roomOf(alice, bob);
      await alice.sync();
      const waiting = alice.syncUntil((answer) => answer.device_lists?.changed?.includes(bob.userId));
      await uploadKeys(bob);
      await waiting;
    });

    test('devices that come, get a name, and go', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await roomOf(alice, bob);
      await alice.sync();
      const second = await bob.login(bob.userId!);
      expect(await lists(alice)).toEqual({ changed: [bob.userId], left: [] });
      await second.call('updateDevice', { params: { deviceId: second.deviceId! }, body: { display_name: 'Phone' } });
      expect(await lists(alice)).toEqual({ changed: [bob.userId], left: [] });
      await second.call('logout');
      expect(await lists(alice)).toEqual({ changed: [bob.userId], left: [] });
    });

    test('cross-signing keys and signatures', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await roomOf(alice, bob);
      for (const client of [alice, bob]) await client.sync();
      const [ofAlice, ofBob] = [crossSigningKeysOf(alice), crossSigningKeysOf(bob)];
      await alice.call('uploadCrossSigningKeys', { body: ofAlice.body });
      expect(await lists(bob)).toEqual({ changed: [alice.userId], left: [] });
      await bob.call('uploadCrossSigningKeys', { body: ofBob.body });
      expect(await lists(alice)).toEqual({ changed: [alice.userId, bob.userId], left: [] });
      await lists(bob);

      const { signatures: _own, ...device } = deviceKeysOf(alice, { upload: -1 });
      await alice.call('uploadKeys', { body: { device_keys: device as never } }, { expect: 400 });
      const master = signJson(ofBob.body.master_key, alice.userId!, ofAlice.userSigning);
      await alice.call('uploadCrossSigningSignatures', {
        body: { [bob.userId!]: { [ofBob.master.publicKey]: master } },
      });
      // Whom she has signed is nobody else's business.
      expect(await lists(alice)).toEqual({ changed: [bob.userId], left: [] });
      expect(await lists(bob)).toEqual(nothing);
      await alice.call('uploadCrossSigningSignatures', {
        body: { [bob.userId!]: { [ofBob.master.publicKey]: master } },
      });
      expect(await lists(alice)).toEqual(nothing);
    });

    test('who joins is told to those in the room, and they to them', async () => {
      const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
      const roomId = await roomOf(alice, carol);
      for (const client of [alice, bob]) await client.sync();
      await bob.joinRoom(roomId);
      expect(await lists(alice)).toEqual({ changed: [bob.userId], left: [] });
      // Bob too: his other devices learn that they share a room with more devices now.
      expect(await lists(bob)).toEqual({ changed: [alice.userId, bob.userId, carol.userId].toSorted(), left: [] });
    });

    test('a new name in a room is no news', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const roomId = await roomOf(alice, bob);
      for (const client of [alice, bob]) await client.sync();
      for (const client of [alice, bob])
        await client.sendState(roomId, 'm.room.member', { membership: 'join', displayname: 'New' }, client.userId);
      expect(await lists(alice)).toEqual(nothing);
      expect(await lists(bob)).toEqual(nothing);
    });

    test('invited users are not told of', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const roomId = await roomOf(alice);
      await alice.sync();
      await alice.invite(roomId, bob.userId!);
      await uploadKeys(bob);
      expect(await lists(alice)).toEqual(nothing);
    });
  });

  describe('left', () => {
    test('who leaves the last shared room, and what they change later is not told', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const roomId = await roomOf(alice, bob);
      for (const client of [alice, bob]) await client.sync();
      await bob.leaveRoom(roomId);
      expect(await lists(alice)).toEqual({ changed: [], left: [bob.userId] });
      expect(await lists(bob)).toEqual({ changed: [], left: [alice.userId] });
      await uploadKeys(bob);
      expect(await lists(alice)).toEqual(nothing);
      await bob.joinRoom(roomId);
      expect(await lists(alice)).toEqual({ changed: [bob.userId], left: [] });
    });

    test('who left, changed keys and came back between two syncs has changed', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const roomId = await roomOf(alice, bob);
      await alice.sync();
      await bob.leaveRoom(roomId);
      await uploadKeys(bob);
      await bob.joinRoom(roomId);
      expect(await lists(alice)).toEqual({ changed: [bob.userId], left: [] });
    });

    test('who left and came back between two syncs, with a new name after it', async () => {
      const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
      const roomId = await roomOf(alice, bob, carol);
      for (const client of [alice, bob]) await client.sync();
      await bob.leaveRoom(roomId);
      await bob.joinRoom(roomId);
      for (const displayname of ['One', 'Two'])
        await bob.sendState(roomId, 'm.room.member', { membership: 'join', displayname }, bob.userId);
      await carol.sendState(roomId, 'm.room.member', { membership: 'join', displayname: 'Three' }, carol.userId);
      expect(await lists(alice)).toEqual({ changed: [bob.userId], left: [] });
      expect(await lists(bob)).toEqual({ changed: [alice.userId, bob.userId, carol.userId].toSorted(), left: [] });
    });

    test('not who is still in another room', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const roomId = await roomOf(alice, bob);
      await roomOf(bob, alice);
      await alice.sync();
      await bob.leaveRoom(roomId);
      expect(await lists(alice)).toEqual(nothing);
    });

    test('who was kicked, and who leaves while one leaves oneself', async () => {
      const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
      const roomId = await roomOf(alice, bob, carol);
      for (const client of [alice, bob]) await client.sync();
      await alice.call('kick', { params: { roomId }, body: { user_id: carol.userId } });
      expect(await lists(alice)).toEqual({ changed: [], left: [carol.userId] });
      await alice.leaveRoom(roomId);
      await bob.leaveRoom(roomId);
      expect(await lists(bob)).toEqual({ changed: [], left: [alice.userId, carol.userId].toSorted() });
    });

    test('a room joined and left between two syncs leaves no trace', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const roomId = await roomOf(bob);
      await alice.sync();
      await alice.joinRoom(roomId);
      await alice.leaveRoom(roomId);
      expect(await lists(alice)).toEqual(nothing);
    });
  });

  describe('/keys/changes', () => {
    test('takes tokens of syncs only', async () => {
      const alice = await newUser();
      await alice.sync();
      for (const from of ['', 'x', 's', 's1_2', 's99999999999999999'])
        await alice.call('getKeysChanges', { query: { from, to: alice.nextBatch! } }, { expect: 'M_INVALID_PARAM' });
      await alice.call('getKeysChanges', { query: { from: alice.nextBatch!, to: 'x' } }, { expect: 'M_INVALID_PARAM' });
      await alice.call('getKeysChanges', {}, { expect: 'M_MISSING_PARAM' });
      expect(await alice.call('getKeysChanges', { query: { from: alice.nextBatch! } })).toEqual({
        changed: [],
        left: [],
      });
    });
  });

  // What memory told before is read from the tables.
  test.runIf(database === 'sqlite')('the same is told after a restart', async () => {
    const own = await start({ onDisk: true });
    const [alice, bob, carol, dave] = [await newUser(own), await newUser(own), await newUser(own), await newUser(own)];
    const leaving = await roomOf(alice, carol);
    const joining = await roomOf(dave);
    const named = await roomOf(alice, bob);
    for (const client of [alice, bob]) await client.sync();
    await uploadKeys(bob);
    await carol.leaveRoom(leaving);
    await alice.joinRoom(joining);
    await alice.sendState(named, 'm.room.member', { membership: 'join', displayname: 'New' }, alice.userId);
    await own.restart();
    expect(await lists(alice)).toEqual({
      changed: [alice.userId, bob.userId, dave.userId].toSorted(),
      left: [carol.userId],
    });
    expect(await lists(bob)).toEqual({ changed: [bob.userId], left: [] });
    expect(await lists(alice)).toEqual(nothing);
  });
});
