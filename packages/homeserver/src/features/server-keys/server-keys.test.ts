import { canonicalJson, SigningKey, verifyJson, VerifyKey } from '@myelin/protocol';
import { describeServers, shiftableRuntime } from '@myelin/testkit';
import { expect, it } from 'vitest';

describeServers((start) => {
  it('publishes its keys, signed with them', async () => {
    const server = await start();
    const answer = await server.client().call('getServerKey@server-server');
    expect(answer).toMatchObject({ server_name: 'test', old_verify_keys: {} });
    expect(Object.keys(answer.verify_keys)).toHaveLength(1);
    const keyOf = (_server: string, keyId: string): VerifyKey | undefined =>
      VerifyKey.fromBase64(answer.verify_keys[keyId]?.key ?? '');
    expect(verifyJson(answer, 'test', keyOf)).toBeUndefined();
    expect(verifyJson({ ...answer, valid_until_ts: 1 }, 'test', keyOf)).toBeDefined();
    // As text it is what was signed.
    const { text } = await server.client().send('getServerKey@server-server');
    expect(text).toBe(canonicalJson(JSON.parse(text)));
    // Older servers ask for one key by its name.
    const [keyId] = Object.keys(answer.verify_keys);
    const one = await server.client().raw('GET', `/_matrix/key/v2/server/${keyId}`);
    expect([200, 404]).toContain(one.status);
  });

  it('says for how long they hold, and which it had before', async () => {
    const old = new SigningKey('ed25519:old', Buffer.alloc(32, 7));
    const runtime = shiftableRuntime();
    const server = await start({
      runtime,
      config: {
        key_refresh_interval: '2d',
        old_signing_keys: { 'ed25519:old': { key: old.publicKey, expired_ts: 123_456 } },
      },
    });
    const before = await server.client().call('getServerKey@server-server');
    expect(before.old_verify_keys).toEqual({ 'ed25519:old': { key: old.publicKey, expired_ts: 123_456 } });
    expect(Math.abs(before.valid_until_ts - (runtime.clock.now() + 2 * 86_400_000))).toBeLessThan(60_000);
    runtime.forward(86_400_000);
    const after = await server.client().call('getServerKey@server-server');
    expect(after.valid_until_ts - before.valid_until_ts).toBeGreaterThanOrEqual(86_400_000);
  });

  it('signs events with the key that it publishes', async () => {
    const server = await start();
    const alice = await server.registerUser('alice');
    const roomId = await alice.createRoom({ room_version: '11' });
    await alice.sendText(roomId, 'signed');
    const { verify_keys: keys } = await server.client().call('getServerKey@server-server');
    const filter = { event_format: 'federation', room: { timeline: { limit: 1 } } };
    const [event] = (await alice.sync({ filter })).rooms.join[roomId].timeline.events;
    expect(Object.keys(event.signatures)).toEqual(['test']);
    expect(Object.keys(event.signatures.test)).toEqual(Object.keys(keys));
  });
});
