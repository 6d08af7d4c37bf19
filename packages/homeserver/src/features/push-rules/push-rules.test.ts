import { getPushRulesOfKind } from '@myelin/api';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
  });
  const rule = (kind: string, ruleId: string) => ({ params: { kind, ruleId } });
  const told = (answer: any) => answer.account_data.events.find((event: any) => event.type === 'm.push_rules');
  const ids = async (client: TestClient, kind: string): Promise<string[]> =>
    (await client.call('getPushRulesGlobal'))[kind].map((one: any) => one.rule_id);

  describe('push rules', () => {
    it('begin with the default ones, which an initial sync tells', async () => {
      const all = await alice.call('getPushRules');
      expect(Object.keys(all.global).toSorted()).toEqual(['content', 'override', 'room', 'sender', 'underride']);
      expect(all.global.override[0]).toMatchObject({ rule_id: '.m.rule.master', enabled: false, default: true });
      expect(told(await alice.sync()).content).toEqual(all);
      expect(await alice.call('getPushRulesGlobal')).toEqual(all.global);
      expect(await alice.call(getPushRulesOfKind, { params: { kind: 'content' } })).toEqual(all.global.content);
      const mention = await alice.call('getPushRule', rule('override', '.m.rule.is_user_mention'));
      expect(mention.conditions[0].value).toBe(alice.userId);
    });

    it('are made, changed and removed, and each change wakes a long poll', async () => {
      await alice.sync();
      const change = async (make: () => Promise<unknown>): Promise<any> => {
        const waiting = alice.syncUntil((answer) => told(answer) !== undefined);
        await make();
        return told(await waiting).content.global;
      };
      const room = rule('room', '!foo:example.com');
      const made = await change(() => alice.call('setPushRule', { ...room, body: { actions: ['notify'] } }));
      expect(made.room).toEqual([{ rule_id: '!foo:example.com', default: false, enabled: true, actions: ['notify'] }]);
      const off = await change(() => alice.call('setPushRuleEnabled', { ...room, body: { enabled: false } }));
      expect(off.room[0].enabled).toBe(false);
      expect(await alice.call('isPushRuleEnabled', room)).toEqual({ enabled: false });
      const actions = ['notify', { set_tweak: 'sound', value: 'bing' }];
      await change(() => alice.call('setPushRuleActions', { ...room, body: { actions } }));
      expect(await alice.call('getPushRuleActions', room)).toEqual({ actions });
      const removed = await change(() => alice.call('deletePushRule', room));
      expect(removed.room).toEqual([]);
      await alice.call('getPushRule', room, { expect: 'M_NOT_FOUND' });
    });

    it('are told once', async () => {
      const bob = await server.registerUser('bob');
      await bob.call('setPushRuleEnabled', { ...rule('override', '.m.rule.master'), body: { enabled: true } });
      expect(told(await bob.sync()).content.global.override[0].enabled).toBe(true);
      expect(told(await bob.sync({ since: bob.nextBatch! }))).toBeUndefined();
    });

    it('stand where they are put', async () => {
      const carol = await server.registerUser('carol');
      const put = (id: string, query: object = {}) =>
        carol.call('setPushRule', { ...rule('content', id), query: { ...query }, body: { pattern: id, actions: [] } });
      await put('tea');
      await put('time');
      await put('cake', { after: 'tea' });
      await put('bun', { before: 'tea' });
      expect(await ids(carol, 'content')).toEqual(['time', 'bun', 'tea', 'cake', '.m.rule.contains_user_name']);
      const misplaced = { ...rule('content', 'x'), query: { before: 'none' }, body: { pattern: 'x', actions: [] } };
      await carol.call('setPushRule', misplaced, { expect: 400 });
    });

    it('of the server can be changed but not removed or made', async () => {
      const message = rule('underride', '.m.rule.message');
      await alice.call('setPushRuleActions', { ...message, body: { actions: [] } });
      expect(await alice.call('getPushRuleActions', message)).toEqual({ actions: [] });
      await alice.call('deletePushRule', message, { expect: 'M_NOT_FOUND' });
      const own = { ...rule('override', '.mine'), body: { actions: [], conditions: [] } };
      await alice.call('setPushRule', own, { expect: 'M_INVALID_PARAM' });
    });

    it.each<[string, string, object, number | `M_${string}`]>([
      ['content', 'a/b', { pattern: 'x', actions: [] }, 'M_INVALID_PARAM'],
      ['content', 'x', { actions: [] }, 'M_MISSING_PARAM'],
      ['content', 'x', { pattern: 5, actions: [] }, 400],
      ['content', 'x', { pattern: 'x' }, 400],
      ['content', 'x', { pattern: 'x', actions: ['explode'] }, 'M_INVALID_PARAM'],
      ['content', 'x', { pattern: 'x', actions: [5] }, 400],
      ['override', 'x', { conditions: [{}], actions: [] }, 400],
      ['override', 'x', { conditions: 'all', actions: [] }, 400],
      ['nonsense', 'x', { actions: [] }, 400],
      ['room', 'x'.repeat(301), { actions: [] }, 'M_TOO_LARGE'],
      ['content', 'x', { pattern: 'x'.repeat(1024), actions: [] }, 'M_TOO_LARGE'],
    ])('are refused: %#', async (kind, ruleId, body, expected) => {
      await alice.call('setPushRule', { ...rule(kind, ruleId), body }, { expect: expected });
    });

    it('that are not there are not found', async () => {
      const none = rule('sender', '@none:example.org');
      await alice.call('getPushRuleActions', none, { expect: 'M_NOT_FOUND' });
      await alice.call('isPushRuleEnabled', none, { expect: 'M_NOT_FOUND' });
      await alice.call('setPushRuleEnabled', { ...none, body: { enabled: true } }, { expect: 'M_NOT_FOUND' });
      await alice.call('setPushRuleActions', { ...none, body: { actions: [] } }, { expect: 'M_NOT_FOUND' });
      await alice.call('getPushRule', rule('postcontent', '.x'), { expect: 'M_NOT_FOUND' });
      await alice.call(getPushRulesOfKind, { params: { kind: 'nonsense' } }, { expect: 'M_NOT_FOUND' });
      await alice.raw('GET', '/_matrix/client/v3/pushrules/device/', {}, { expect: 'M_UNRECOGNIZED' });
    });

    it('are no more than the administrator allows', async () => {
      const small = await start({ config: { push_rules: { limits: { rule_count: 2 } } } });
      const dan = await small.registerUser('dan');
      const put = (id: string, expect: number) =>
        dan.call('setPushRule', { ...rule('room', id), body: { actions: [] } }, { expect });
      await put('!a:x', 200);
      await put('!b:x', 200);
      await put('!c:x', 400);
      await put('!a:x', 200);
    });

    it('can be changed by many at a time', async () => {
      const erin = await server.registerUser('erin');
      const made = Array.from({ length: 12 }, (_, i) => `!r${i}:example.org`);
      await Promise.all(made.map((id) => erin.call('setPushRule', { ...rule('room', id), body: { actions: [] } })));
      expect((await ids(erin, 'room')).toSorted()).toEqual(made.toSorted());
    });
  });

  describe('pushers', () => {
    const pusher = {
      pushkey: 'key',
      kind: 'http',
      app_id: 'org.example.app',
      app_display_name: 'App',
      device_display_name: 'Phone',
      profile_tag: 'tag',
      lang: 'en',
      data: { url: 'https://push.example.org/_matrix/push/v1/notify', format: 'event_id_only' },
    };

    it('are kept, replaced and removed', async () => {
      await alice.call('postPusher', { body: pusher });
      await alice.call('postPusher', { body: { ...pusher, pushkey: 'other', profile_tag: null } });
      await alice.call('postPusher', { body: { ...pusher, lang: 'de' } });
      const { pushers } = await alice.call('getPushers');
      expect(pushers).toEqual([
        { ...pusher, lang: 'de' },
        { ...pusher, pushkey: 'other', profile_tag: '' },
      ]);
      await alice.call('postPusher', { body: { app_id: pusher.app_id, pushkey: 'other', kind: null } });
      expect((await alice.call('getPushers')).pushers).toHaveLength(1);
    });

    it('of others with the same key go, unless they are to stay', async () => {
      const [bob, carol] = [await server.registerUser('push-bob'), await server.registerUser('push-carol')];
      const shared = { ...pusher, pushkey: 'shared' };
      await bob.call('postPusher', { body: shared });
      await carol.call('postPusher', { body: { ...shared, append: true } });
      expect((await bob.call('getPushers')).pushers).toHaveLength(1);
      await carol.call('postPusher', { body: shared });
      expect((await bob.call('getPushers')).pushers).toEqual([]);
      expect((await carol.call('getPushers')).pushers).toHaveLength(1);
    });

    it('go with the device that set them', async () => {
      const frank = await server.registerUser('frank');
      const phone = await frank.login('frank');
      await phone.call('postPusher', { body: { ...pusher, pushkey: 'phone' } });
      await frank.call('postPusher', { body: { ...pusher, pushkey: 'desk' } });
      await phone.call('logout');
      expect((await frank.call('getPushers')).pushers.map((one: any) => one.pushkey)).toEqual(['desk']);
    });

    it.each<[object, number | `M_${string}`]>([
      [{ kind: 'http', data: {} }, 'M_MISSING_PARAM'],
      [{ data: { url: 'ftp://x/_matrix/push/v1/notify' } }, 'M_MISSING_PARAM'],
      [{ data: { url: 'https://x/elsewhere' } }, 'M_MISSING_PARAM'],
      [{ data: null }, 'M_MISSING_PARAM'],
      [{ lang: null }, 'M_MISSING_PARAM'],
      [{ kind: 'email', app_id: 'm.email', pushkey: 'a@b.example' }, 'M_THREEPID_NOT_FOUND'],
      [{ kind: 'pigeon' }, 'M_INVALID_PARAM'],
      [{ pushkey: 'x'.repeat(513) }, 'M_INVALID_PARAM'],
      [{ app_id: 'x'.repeat(65) }, 'M_INVALID_PARAM'],
      [{ app_display_name: 'x'.repeat(2000) }, 'M_INVALID_PARAM'],
      [{ pushkey: undefined }, 400],
    ])('are refused: %#', async (change, expected) => {
      await alice.call('postPusher', { body: { ...pusher, ...change } }, { expect: expected });
    });

    it('are not without end', async () => {
      const grace = await server.registerUser('grace');
      for (let i = 0; i < 100; i++) await grace.call('postPusher', { body: { ...pusher, pushkey: `k${i}` } });
      await grace.call('postPusher', { body: { ...pusher, pushkey: 'one more' } }, { expect: 'M_INVALID_PARAM' });
      await grace.call('postPusher', { body: { ...pusher, pushkey: 'k7' } });
    });
  });
});
