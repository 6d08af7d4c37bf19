import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeFederations,
  PeerRooms,
  shiftableRuntime,
  TestPeer,
  type PeerAnswer,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { picture } from '../testing/pictures.ts';

const signedPath = '/_matrix/federation/v1/media/download/';
const oldPath = '/_matrix/media/v3/download/';

/** The answer to a download between servers. */
function parts(body: string | Uint8Array, headers: Record<string, string> = {}): PeerAnswer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `--xyz\r\nContent-Type: application/json\r\n\r\n{}\r\n--xyz\r\n${lines.join('')}\r\n`;
  return {
    headers: { 'content-type': 'multipart/mixed; boundary=xyz' },
    body: Buffer.concat([Buffer.from(head), Buffer.from(body as string), Buffer.from('\r\n--xyz--\r\n')]),
  };
}

describeFederations((start) => {
  describe('media of another server', () => {
    let servers: readonly TestServer[];
    let alice: TestClient;
    let bob: TestClient;
    beforeAll(async () => {
      servers = await start(2);
      alice = await (servers[0] as TestServer).registerUser('alice');
      bob = await (servers[1] as TestServer).registerUser('bob');
    });
    const upload = async (client: TestClient, bytes: Uint8Array, contentType: string, filename?: string) => {
      const { content_uri: uri } = await client.call('uploadContent', { bytes, contentType, query: { filename } });
      const [serverName, mediaId] = (uri as string).slice('mxc://'.length).split('/');
      return { serverName: serverName as string, mediaId: mediaId as string };
    };

    it('is fetched, with its type and name, and kept', async () => {
      const params = await upload(bob, Buffer.from('hello'), 'text/plain', 'a name ☃.txt');
      const answer = await alice.send('getContentAuthed', { params });
      expect(answer.text).toBe('hello');
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
      expect(answer.headers.get('content-disposition')).toBe("inline; filename*=utf-8''a%20name%20%E2%98%83.txt");
      const folder = join((servers[0] as TestServer).folder, 'media', 'remote_content', params.serverName);
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      expect(files.filter((file) => file.isFile())).toHaveLength(1);
      expect((await alice.send('getContentAuthed', { params })).text).toBe('hello');
      // A copy that is gone is fetched again.
      await rm(folder, { recursive: true });
      expect((await alice.send('getContentAuthed', { params })).text).toBe('hello');
    });

    it('is larger than what is read at once', async () => {
      const bytes = Buffer.alloc(3_000_000, 'no boundary --xyz\r\n');
      const params = await upload(bob, bytes, 'application/octet-stream');
      const answer = await alice.send('getContentAuthed', { params });
      expect(Buffer.from(answer.bytes).equals(bytes)).toBe(true);
    });

    it('has thumbnails, made here', async () => {
      const params = await upload(bob, await picture({ width: 200, height: 100 }), 'image/png');
      const query = { width: 32, height: 32, method: 'crop' };
      const answer = await alice.send('getContentThumbnailAuthed', { params, query });
      expect(answer.headers.get('content-type')).toBe('image/png');
    });

    it('that is not there, is not found', async () => {
      const { serverName } = servers[1] as TestServer;
      await alice.call('getContentAuthed', { params: { serverName, mediaId: 'nothing' } }, { expect: 'M_NOT_FOUND' });
      const params = { serverName: 'localhost:1', mediaId: 'nothing' };
      await alice.call('getContentAuthed', { params }, { expect: 502 });
    });

    it('is not shown without a token, be it here or not', async () => {
      const params = await upload(bob, Buffer.from('for members'), 'text/plain');
      const nobody = (servers[0] as TestServer).client();
      await nobody.call('getContent', { params }, { expect: 'M_NOT_FOUND' });
      await alice.send('getContentAuthed', { params });
      await nobody.call('getContent', { params }, { expect: 'M_NOT_FOUND' });
    });

    it('that is only announced is waited for', async () => {
      const { content_uri: uri } = await bob.call('createContent');
      const [serverName, mediaId] = (uri as string).slice('mxc://'.length).split('/') as [string, string];
      const params = { serverName, mediaId };
      await alice.call('getContentAuthed', { params, query: { timeout_ms: 0 } }, { expect: 'M_NOT_YET_UPLOADED' });
      const waiting = alice.send('getContentAuthed', { params, query: { timeout_ms: 20_000 } });
      await bob.call('uploadContentToMXC', { params, bytes: Buffer.from('late'), contentType: 'text/plain' });
      expect((await waiting).text).toBe('late');
    });
  });

  describe('media for another server', () => {
    let server: TestServer;
    let peer: TestPeer;
    let alice: TestClient;
    beforeAll(async () => {
      [server] = (await start(1)) as [TestServer];
      peer = await TestPeer.start();
      alice = await server.registerUser('alice');
    });
    afterAll(() => peer.stop());

    it('is an answer in parts, of files and thumbnails of this server', async () => {
      const { content_uri: uri } = await alice.call('uploadContent', {
        bytes: await picture({ width: 100, height: 100 }),
        contentType: 'image/png',
        query: { filename: 'x.png' },
      });
      const mediaId = (uri as string).split('/').at(-1) as string;
      const there = new PeerRooms(peer, server);
      const answer = await there.request('GET', `/v1/media/download/${mediaId}`);
      const boundary = /^multipart\/mixed; boundary=(\w+)$/.exec(answer.headers.get('content-type') ?? '')?.[1];
      const text = Buffer.from(answer.bytes as Uint8Array).toString('latin1');
      expect(text.startsWith(`--${boundary}\r\nContent-Type: application/json\r\n\r\n{}\r\n--${boundary}\r\n`)).toBe(
        true,
      );
      expect(text).toContain('Content-Type: image/png\r\nContent-Disposition: attachment; filename=x.png\r\n\r\n');
      expect(text.endsWith(`\r\n--${boundary}--\r\n`)).toBe(true);
      const thumbnail = await there.request('GET', `/v1/media/thumbnail/${mediaId}?width=32&height=32&method=crop`);
      expect(thumbnail.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=/);
      await there.get('/v1/media/download/nothing', { expect: 'M_NOT_FOUND' });
      await there.get('/v1/media/thumbnail/nothing?width=32&height=32', { expect: 'M_NOT_FOUND' });
    });

    it('is for servers that say who they are', async () => {
      await server.client().raw('GET', '/_matrix/federation/v1/media/download/x', {}, { expect: 401 });
    });
  });

  describe('a server that means no good', () => {
    let server: TestServer;
    let peer: TestPeer;
    let alice: TestClient;
    const runtime = shiftableRuntime();
    let ids = 0;
    beforeAll(async () => {
      [server] = (await start(1, {
        runtime,
        config: { max_upload_size: '100K', prevent_media_downloads_from: ['evil.test'] },
      })) as [TestServer];
      alice = await server.registerUser('alice');
    });
    // One that failed isn't asked again soon, so that each test has its own.
    beforeEach(async () => {
      peer = await TestPeer.start();
    });
    afterEach(() => peer.stop());
    /** Each time another file. */
    const get = (expectation: object, params = { serverName: peer.serverName, mediaId: `file${++ids}` }) =>
      alice.send('getContentAuthed', { params }, expectation);
    const answer = (signed: PeerAnswer | undefined, old?: PeerAnswer): void => {
      peer.handler = ({ url }) => (url.startsWith(signedPath) ? signed : url.startsWith(oldPath) ? old : undefined);
    };
    const paths = (): string[] => peer.received.map(({ url }) => url);
    const kept = async (): Promise<number> => {
      const files = await readdir(join(server.folder, 'media'), { recursive: true, withFileTypes: true });
      return files.filter((file) => file.isFile()).length;
    };

    it.each<[string, PeerAnswer | undefined]>([
      ['knows no other', undefined],
      ['answers what no Matrix server does', { status: 400, body: 'Invalid Origin' }],
    ])('is asked in the old way if it %s', async (_what, signed) => {
      answer(signed, { body: 'old', headers: { 'content-type': 'text/plain' } });
      expect((await get({})).text).toBe('old');
      expect(paths()[0]).toMatch(/^\/_matrix\/federation\/v1\/media\/download\/file\d+\?timeout_ms=20000$/);
      expect(paths()[1]).toContain('allow_remote=false');
      expect(peer.received[1]?.headers['authorization']).toBeUndefined();
    });

    it('is believed when it says that there is nothing', async () => {
      answer({ status: 404, body: { errcode: 'M_NOT_FOUND', error: 'none' } });
      await get({ expect: 'M_NOT_FOUND' });
      expect(paths()).toHaveLength(1);
    });

    it.each<[string, PeerAnswer]>([
      ['a file that is too large', parts(Buffer.alloc(200_000))],
      ['no parts', { body: 'x', headers: { 'content-type': 'text/plain' } }],
      ['no file', { body: '--xyz--', headers: { 'content-type': 'multipart/mixed; boundary=xyz' } }],
      ['half a file', { ...parts('x'), body: (parts('x'.repeat(90)).body as Buffer).subarray(0, -20) }],
      ['JSON', { body: {} }],
      ['a fault', { status: 500, body: '<html>' }],
      ['a place that is none', parts('', { Location: 'file:///etc/passwd' })],
      ['a place inside of our network', parts('', { Location: 'http://0.0.0.0:8008/_synapse/admin' })],
    ])('that sends %s', async (_what, sent) => {
      const before = await kept();
      answer(sent);
      await get({ expect: 502 });
      expect(paths()).toHaveLength(1);
      expect(await kept()).toBe(before);
    });

    it('that announces too much is not listened to', async () => {
      answer({
        headers: { 'content-type': 'multipart/mixed; boundary=xyz', 'content-length': '900000000' },
        pour: (response) => response.write('--xyz\r\n\r\n{}\r\n--xyz\r\n\r\nx'),
      });
      expect((await get({ expect: 502 })).body.error).toBe('The remote media is too large');
      expect(paths()).toHaveLength(1);
    });

    it('that never ends is given up', async () => {
      let closed = false;
      answer({
        headers: { 'content-type': 'multipart/mixed; boundary=xyz' },
        pour: (response) => {
          response.write('--xyz\r\n\r\n{}\r\n--xyz\r\n\r\n');
          const sending = setInterval(() => response.write(Buffer.alloc(16_384)), 1);
          response.on('close', () => {
            closed = true;
            clearInterval(sending);
          });
        },
      });
      await get({ expect: 502 });

      await vi.waitFor(() => expect(closed).toBe(true), 10_000);
    });

    it('that creeps is given up', async () => {
      answer({
        headers: { 'content-type': 'multipart/mixed; boundary=xyz' },
        pour: (response) => {
          response.write('--xyz\r\n\r\n{}\r\n--xyz\r\n\r\n');
          const sending = setInterval(() => {
            runtime.forward(10_000);
            response.write('.'.repeat(64));
          }, 5);
          response.on('close', () => clearInterval(sending));
        },
      });
      expect((await get({ expect: 502 })).body.error).toBe('The remote media comes too slowly');
      expect(paths()).toHaveLength(1);
    });

    it.each([
      ['before its file', '--xyz\r\n\r\n', 'x'],
      ['after half of its file', `--xyz\r\n\r\n{}\r\n--xyz\r\n\r\n${'x'.repeat(50_000)}`, 'x'],
    ])('that creeps %s is given up', async (_when, first, more) => {
      let pieces = 0;
      answer({
        headers: { 'content-type': 'multipart/mixed; boundary=xyz' },
        pour: (response) => {
          response.write(first);
          const sending = setInterval(() => {
            runtime.forward(5_000);
            pieces++;
            response.write(more);
          }, 5);
          response.on('close', () => clearInterval(sending));
        },
      });
      expect((await get({ expect: 502 })).body.error).toBe('The remote media comes too slowly');
      expect(pieces).toBeLessThan(40);
    });

    it('that never answers keeps those of other servers waiting for nothing', async () => {
      peer.handler = () => ({ pour: () => {} });
      const silent = Array.from({ length: 230 }, () => get({ expect: [429, 502] }).catch(() => {}));
      await expect.poll(() => paths().length, { timeout: 30_000 }).toBe(10);
      const other = await TestPeer.start({ host: '127.0.0.1', handler: () => parts('of another') });
      expect((await get({}, { serverName: other.serverName, mediaId: 'file' })).text).toBe('of another');
      await Promise.all([other.stop(), peer.stop()]);
      await Promise.all(silent);
      peer = await TestPeer.start();
    });

    it('cannot make its files run in a browser', async () => {
      answer(
        parts('<script>', { 'Content-Type': 'text/html', 'Content-Disposition': 'inline; filename="a\u0001.html"' }),
      );
      const { headers } = await get({});
      expect(headers.get('content-disposition')).toMatch(/^attachment/);
      expect(headers.get('content-security-policy')).toContain('sandbox');
    });

    it('is asked once for what many want at a time', async () => {
      answer(parts('once'));
      const params = { serverName: peer.serverName, mediaId: 'wanted' };
      const all = await Promise.all(Array.from({ length: 10 }, () => get({}, params)));
      expect(all.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, () => 'once'));
      expect(paths()).toHaveLength(1);
    });

    it('is not asked if its media is not wanted', async () => {
      await get({ expect: 'M_NOT_FOUND' }, { serverName: 'evil.test', mediaId: 'x' });
    });
  });

  it('of other servers is fetched only so much by one address', async () => {
    const limits = { remote_media_download_burst_count: '1000', remote_media_download_per_second: '10' };
    const [server] = (await start(1, { config: { ...limits, max_upload_size: '100K' } })) as [TestServer];
    const peer = await TestPeer.start();
    try {
      const alice = await server.registerUser('alice');
      const { headers, body } = parts('x'.repeat(600));
      const length = String((body as Buffer).length);
      peer.handler = () => ({ headers: { ...headers, 'content-length': length }, body });
      const get = (mediaId: string, expectation: object) =>
        alice.send('getContentAuthed', { params: { serverName: peer.serverName, mediaId } }, expectation);
      await get('first', {});
      await get('second', { expect: 'M_LIMIT_EXCEEDED' });
      await get('first', {});
    } finally {
      await peer.stop();
    }
  });

  it('of servers that this one does not speak with is not shown', async () => {
    const [server] = (await start(1, { config: { federation_domain_whitelist: ['friend.test'] } })) as [TestServer];
    const alice = await server.registerUser('alice');
    const params = { serverName: 'stranger.test', mediaId: 'x' };
    await alice.call('getContentAuthed', { params }, { expect: 'M_FORBIDDEN' });
  });
});
