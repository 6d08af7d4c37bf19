import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getConsentPage, giveConsent } from '@myelin/api';
import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const formSecret = 'form secret of tests';
const sign = (user: string): string => createHmac('sha256', formSecret).update(user).digest('hex');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'myelin-consent-'));
  await mkdir(join(folder, 'en'));
  const form = '{% if not public_version and not has_consented %}<form>{{ userhmac }}</form>{% endif %}';
  await writeFile(join(folder, 'en', '2.html'), `<p>Terms {{ version }} for {{ user }}</p>${form}`);
  await writeFile(join(folder, 'en', '1.html'), '<p>Old terms</p>');
  await writeFile(join(folder, 'en', 'success.html'), '<p>Agreed</p>');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeServers((start) => {
  const serve = (terms: object = {}): Promise<TestServer> =>
    start({
      config: {
        form_secret: formSecret,
        public_baseurl: 'https://chat.example.org',
        user_consent: { version: '2', template_dir: folder, policy_name: 'House rules', ...terms },
      },
    });
  const page = (server: TestServer, query: Record<string, string>, expectation = {}): Promise<Json> =>
    server.client().send(getConsentPage, { query }, expectation);
  const agree = (server: TestServer, form: Record<string, string>, expectation = {}): Promise<Json> =>
    server
      .client()
      .send(
        giveConsent,
        { bytes: new URLSearchParams(form).toString(), contentType: 'application/x-www-form-urlencoded' },
        expectation,
      );

  describe('the page', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await serve();
      await server.registerUser('alice');
    });

    it('is there for everybody to read, in each version that there is', async () => {
      const { text, headers } = await page(server, {});
      expect(text).toBe('<p>Terms 2 for </p>');
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect((await page(server, { v: '1' })).text).toBe('<p>Old terms</p>');
      for (const v of ['3', 'success', '../en/2', '', '2.html']) await page(server, { v }, { expect: 'M_NOT_FOUND' });
    });

    it('has a form for the user to whom its address was given', async () => {
      const h = sign('alice');
      expect((await page(server, { u: 'alice', h })).text).toBe(`<p>Terms 2 for alice</p><form>${h}</form>`);
      await page(server, { u: 'alice' }, { expect: 'M_MISSING_PARAM' });
      await page(server, { u: 'alice', h: sign('bob') }, { expect: 'M_FORBIDDEN' });
      await page(server, { u: 'alice', h: 'x' }, { expect: 'M_FORBIDDEN' });
      await page(server, { u: 'nobody', h: sign('nobody') }, { expect: 'M_NOT_FOUND' });
      await page(server, { u: '@nobody', h: sign('@nobody') }, { expect: 'M_NOT_FOUND' });
    });

    it('takes the form', async () => {
      const whole = { u: '@alice:test', h: sign('@alice:test'), v: '2' };
      await agree(server, { ...whole, v: '' }, { expect: 'M_MISSING_PARAM' });
      await agree(server, { ...whole, u: '' }, { expect: 'M_MISSING_PARAM' });
      await agree(server, { ...whole, h: sign('alice') }, { expect: 'M_FORBIDDEN' });
      await agree(server, { ...whole, v: '3' }, { expect: 'M_NOT_FOUND' });
      await agree(server, { ...whole, more: 'x'.repeat(20_000) }, { expect: 'M_TOO_LARGE' });
      expect((await page(server, { u: whole.u, h: whole.h })).text).toContain('<form>');
      expect((await agree(server, whole)).text).toBe('<p>Agreed</p>');
      expect((await page(server, { u: whole.u, h: whole.h })).text).not.toContain('<form>');
    });

    it('is a built-in one where the administrator has none', async () => {
      const other = await serve({ template_dir: undefined, version: 'x<y' });
      await other.registerUser('bob');
      const open = (await page(other, {})).text;
      expect(open).toContain('<h1>House rules</h1>');
      expect(open).not.toContain('<form');
      const own = (await page(other, { u: 'bob', h: sign('bob') })).text;
      expect(own).toContain('name="v" value="x&lt;y"');
      expect(own).toContain(`name="h" value="${sign('bob')}"`);
      expect((await agree(other, { u: 'bob', h: sign('bob'), v: 'x<y' })).text).toContain('Thank you');
    });

    it("isn't there where there are no terms, and has no form without a secret to sign with", async () => {
      const none = await start();
      expect((await none.client().raw('GET', '/_matrix/consent', {}, { expect: 'any' })).status).toBe(404);
      const open = await start({ config: { form_secret: null, user_consent: { version: '1' } } });
      expect((await page(open, {})).status).toBe(200);
      await page(open, { u: 'alice', h: sign('alice') }, { expect: 'M_FORBIDDEN' });
    });
  });

  describe('who has not agreed', () => {
    const error = 'Please agree first: %(consent_uri)s (100%%)';
    const uri = `https://chat.example.org/_matrix/consent?u=carol&h=${sign('carol')}`;
    let server: TestServer;
    let open: string;
    let carol: TestClient;
    beforeAll(async () => {
      server = await serve({ block_events_error: error });
      const dora = await server.registerUser('dora');
      await agree(server, { u: 'dora', h: sign('dora'), v: '2' });
      open = await dora.createRoom({ preset: 'public_chat' });
      carol = await server.registerUser('carol');
      await dora.invite(open, carol.userId!);
    });

    it('is told where to, and can read and leave but not act', async () => {
      const refusal = { expect: 'M_CONSENT_NOT_GIVEN' } as const;
      const answer = await carol.call('createRoom', { body: {} }, { expect: 403 });
      expect(answer).toEqual({
        errcode: 'M_CONSENT_NOT_GIVEN',
        error: `Please agree first: ${uri} (100%)`,
        consent_uri: uri,
      });
      await carol.call('joinRoom', { params: { roomIdOrAlias: open }, body: {} }, refusal);
      expect((await carol.sync()).rooms.invite[open]).toBeDefined();
      await carol.leaveRoom(open);
      // With the version before this one it is the same.
      await agree(server, { u: 'carol', h: sign('carol'), v: '1' });
      await carol.call('joinRoom', { params: { roomIdOrAlias: open }, body: {} }, refusal);
    });

    it('can do everything as soon as they have', async () => {
      await agree(server, { u: 'carol', h: sign('carol'), v: '2' });
      await carol.joinRoom(open);
      await carol.sendText(open, 'hello');
      await carol.sendState(open, 'm.room.member', { membership: 'join', displayname: 'C' }, carol.userId);
    });
  });

  it('is refused in rooms that they are in already, when the terms change', async () => {
    const server = await start({ onDisk: true });
    const alice = await server.registerUser('alice');
    const room = await alice.createRoom();
    const eventId = await alice.sendText(room, 'before');
    await server.restart({
      form_secret: formSecret,
      user_consent: { version: '1', block_events_error: 'Agree' },
    });
    const refusal = { expect: 'M_CONSENT_NOT_GIVEN' } as const;
    const body = { msgtype: 'm.text', body: 'after' };
    await alice.call(
      'sendMessage',
      { params: { roomId: room, eventType: 'm.room.message', txnId: 'a' }, body },
      refusal,
    );
    await alice.call(
      'setRoomStateWithKey',
      { params: { roomId: room, eventType: 'm.room.name', stateKey: '' }, body: { name: 'x' } },
      refusal,
    );
    await alice.call('redactEvent', { params: { roomId: room, eventId, txnId: 'b' }, body: {} }, refusal);
    await alice.call('upgradeRoom', { params: { roomId: room }, body: { new_version: '12' } }, refusal);
    await alice.call('inviteUser', { params: { roomId: room }, body: { user_id: '@x:test' } }, refusal);
    await alice.leaveRoom(room);
  });

  it('the terms of registration can be read where its stage says', async () => {
    const server = await serve({ require_at_registration: true });
    const { params } = await server.client().call('register', { body: { username: 'eve' } }, { expect: 401 });
    const { url } = params['m.login.terms'].policies.privacy_policy.en;
    expect(url).toBe('https://chat.example.org/_matrix/consent?v=2');
    const { text } = await server.client().raw('GET', new URL(url).pathname + new URL(url).search, {}, { expect: 200 });
    expect(text).toContain('Terms 2');
  });
});
