import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  createContent,
  getConfig,
  getConfigAuthed,
  getContent,
  getContentAuthed,
  getContentOverrideName,
  getContentOverrideNameAuthed,
  getContentThumbnail,
  getContentThumbnailAuthed,
  uploadContent,
  uploadContentToMXC,
} from '@myelin/api';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { at, upload } from './testing/media-calls.ts';
import { hugePng, picture } from './testing/pictures.ts';

describeServers((start, database) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  beforeAll(async () => {
    server = await start({ config: { max_upload_size: '1M' } });
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });

  describe('upload and download', () => {
    test('what was uploaded comes back, with its type, size and name', async () => {
      const bytes = randomBytes(700_000);
      const mediaId = await upload(alice, bytes, 'video/mp4', 'film.mp4');
      const answer = await bob.send(getContentAuthed, { params: at(mediaId) });
      expect(Buffer.from(answer.bytes).equals(bytes)).toBe(true);
      expect(answer.headers.get('content-type')).toBe('video/mp4');
      expect(answer.headers.get('content-length')).toBe('700000');
      expect(answer.headers.get('content-disposition')).toBe('inline; filename=film.mp4');
      expect(answer.headers.get('content-security-policy')).toContain('sandbox');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      expect(answer.headers.get('cache-control')).toBe('public,max-age=86400,s-maxage=0,proxy-revalidate');
    });

    test('a file without content, type or name', async () => {
      const uploaded = await fetch(`${server.baseUrl}/_matrix/media/v3/upload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${alice.accessToken}` },
      });
      const { content_uri: uri } = (await uploaded.json()) as { content_uri: string };
      const mediaId = uri.split('/')[3] as string;
      const answer = await bob.send(getContentAuthed, { params: at(mediaId) });
      expect(answer.bytes).toHaveLength(0);
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      expect(answer.headers.get('content-disposition')).toBe('attachment');
    });

    test('it lies where Synapse would keep it, and nothing else is left', async () => {
      const mediaId = await upload(alice, 'where am I?');
      const path = join(
        server.folder,
        'media',
        'local_content',
        mediaId.slice(0, 2),
        mediaId.slice(2, 4),
        mediaId.slice(4),
      );
      expect(await readFile(path, 'utf8')).toBe('where am I?');
      expect(await readdir(join(server.folder, 'media', 'incoming'))).toEqual([]);
    });

    test('a file that has vanished from the disk is not found', async () => {
      const mediaId = await upload(alice, 'gone soon', 'image/png');
      await rm(
        join(server.folder, 'media', 'local_content', mediaId.slice(0, 2), mediaId.slice(2, 4), mediaId.slice(4)),
      );
      await bob.call(getContentAuthed, { params: at(mediaId) }, { expect: 'M_NOT_FOUND' });
      await bob.call(
        getContentThumbnailAuthed,
        { params: at(mediaId), query: { width: 32, height: 32 } },
        { expect: 'M_NOT_FOUND' },
      );
    });

    test('clients that go away midway do not disturb the others', async () => {
      const files = await Promise.all(
        Array.from({ length: 6 }, async (_, i) => {
          const bytes = Buffer.alloc(1_000_000, i);
          return { bytes, mediaId: await upload(alice, bytes, 'video/mp4') };
        }),
      );
      for (let round = 0; round < 3; round++) {
        const all = files.flatMap(({ bytes, mediaId }) => [
          bob.send(getContentAuthed, { params: at(mediaId) }).then((answer) => {
            expect(Buffer.from(answer.bytes).equals(bytes)).toBe(true);
          }),
          leave(mediaId),
        ]);
        await Promise.all(all);
      }

      async function leave(mediaId: string): Promise<void> {
        const socket = connect(Number(new URL(server.baseUrl).port), '127.0.0.1');
        socket.write(
          `GET /_matrix/client/v1/media/download/test/${mediaId} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${bob.accessToken}\r\n\r\n`,
        );
        await once(socket, 'data');
        socket.destroy();
      }
    });

    test('a client that has the file is told so', async () => {
      const mediaId = await upload(alice, 'again?');
      const path = `${server.baseUrl}/_matrix/client/v1/media/download/test/${mediaId}`;
      const first = await fetch(path, { headers: { authorization: `Bearer ${bob.accessToken}` } });
      expect(await first.text()).toBe('again?');
      const again = await fetch(path, {
        headers: { authorization: `Bearer ${bob.accessToken}`, 'if-none-match': first.headers.get('etag') as string },
      });
      expect(again.status).toBe(304);
      expect(await again.text()).toBe('');
      expect(again.headers.get('cache-control')).toContain('max-age=86400');
      const stranger = await fetch(path, { headers: { 'if-none-match': first.headers.get('etag') as string } });
      expect(stranger.status).toBe(401);
    });

    test.each([
      ['ascii', 'attachment; filename=ascii'],
      ['name with spaces', "attachment; filename*=utf-8''name%20with%20spaces"],
      ['name;with;semicolons', "attachment; filename*=utf-8''name%3Bwith%3Bsemicolons"],
      ['🐔', "attachment; filename*=utf-8''%F0%9F%90%94"],
      ['"quoted"\r\nX-Injected: 1', "attachment; filename*=utf-8''%22quoted%22%0D%0AX-Injected%3A%201"],
      ["it's (a) *", "attachment; filename*=utf-8''it%27s%20%28a%29%20%2A"],
      ['a/../../b', "attachment; filename*=utf-8''a%2F..%2F..%2Fb"],
    ])('the name %j', async (name, disposition) => {
      const mediaId = await upload(alice, 'x', 'application/x-nothing', name);
      const answer = await bob.send(getContentAuthed, { params: at(mediaId) });
      expect(answer.headers.get('content-disposition')).toBe(disposition);
      const other = await upload(alice, 'x', 'application/x-nothing', 'other');
      const named = await bob.send(getContentOverrideNameAuthed, { params: { ...at(other), fileName: name } });
      expect(named.headers.get('content-disposition')).toBe(disposition);
      expect(named.headers.get('x-injected')).toBeNull();
    });

    test.each([
      ['image/png', 'inline'],
      ['IMAGE/PNG', 'inline'],
      ['text/plain; charset=utf-16', 'inline'],
      ['text/html', 'attachment'],
      ['image/svg+xml', 'attachment'],
      ['application/pdf', 'attachment'],
      ['jpg', 'attachment'],
      // Some browsers take what comes after the comma for the type.
      ['image/png;,text/html', 'attachment'],
    ])('%s is served as %s', async (type, disposition) => {
      const mediaId = await upload(alice, '<svg onload="alert(1)"/>', type);
      const answer = await bob.send(getContentAuthed, { params: at(mediaId) });
      expect(answer.headers.get('content-disposition')).toBe(disposition);
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'none'");
    });

    test('text without a character set is UTF-8', async () => {
      const mediaId = await upload(alice, 'ä', 'text/plain');
      const answer = await bob.send(getContentAuthed, { params: at(mediaId) });
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
    });

    test('guests download and do not upload', async () => {
      const own = await start({ config: { allow_guest_access: true } });
      const carol = await own.registerUser('carol');
      const guest = await own.client().registerGuest();
      const mediaId = await upload(carol, 'for all');
      expect((await guest.send(getContentAuthed, { params: at(mediaId) })).text).toBe('for all');
      await guest.call(uploadContent, { bytes: 'x' }, { expect: 403 });
      await guest.call(createContent, {}, { expect: 403 });
    });

    test('what there is not', async () => {
      await bob.call(getContentAuthed, { params: at('unknown') }, { expect: 'M_NOT_FOUND' });
      await bob.call(getContentAuthed, { params: at('../../../etc/passwd') }, { expect: 'M_NOT_FOUND' });
      await bob.call(getContentAuthed, { params: at('..%2F..%2Fhomeserver.db') }, { expect: 'M_NOT_FOUND' });
      await bob.call(getContentAuthed, { params: at('unknown', 'elsewhere.example') }, { expect: 502 });
      await bob.call(getContentAuthed, { params: at('unknown', '../x') }, { expect: 'M_INVALID_PARAM' });
      await bob.call(
        getContentThumbnailAuthed,
        { params: at('../x'), query: { width: 1, height: 1 } },
        { expect: 'M_NOT_FOUND' },
      );
      await bob.raw('GET', '/_matrix/client/v1/media/download/test/..%2f..%2fx', {}, { expect: 'M_NOT_FOUND' });
      await server.client().call(getContentAuthed, { params: at('unknown') }, { expect: 'M_MISSING_TOKEN' });
    });
  });

  describe('paths without authentication', () => {
    test('show nothing that was uploaded since they were frozen', async () => {
      const mediaId = await upload(alice, await picture({ width: 40, height: 30 }), 'image/png');
      const anybody = server.client();
      await anybody.call(getContent, { params: at(mediaId) }, { expect: 'M_NOT_FOUND' });
      await anybody.call(
        getContentOverrideName,
        { params: { ...at(mediaId), fileName: 'x' } },
        { expect: 'M_NOT_FOUND' },
      );
      await anybody.call(
        getContentThumbnail,
        { params: at(mediaId), query: { width: 32, height: 32 } },
        { expect: 'M_NOT_FOUND' },
      );
    });

    test('show what was uploaded before', async () => {
      const own = await start({ onDisk: database === 'sqlite', config: { enable_authenticated_media: false } });
      const carol = await own.registerUser('carol');
      const anybody = own.client();
      const mediaId = await upload(carol, await picture({ width: 40, height: 30 }), 'image/png', 'old.png');
      await shows('old.png');
      await anybody.call(
        getContent,
        { params: at('x', 'elsewhere.example'), query: { allow_remote: false } },
        { expect: 'M_NOT_FOUND' },
      );
      await own.restart({ enable_authenticated_media: true });
      await shows('old.png');
      const since = await upload(carol, 'new');
      await anybody.call(getContent, { params: at(since) }, { expect: 'M_NOT_FOUND' });
      expect((await carol.send(getContentAuthed, { params: at(since) })).text).toBe('new');

      async function shows(name: string): Promise<void> {
        for (const path of [0, 1, 2]) {
          const answer = await anybody.send(getContent, {
            params: at(mediaId),
            path,
            query: { allow_redirect: true, timeout_ms: 5 },
          });
          expect(answer.headers.get('content-disposition')).toBe(`inline; filename=${name}`);
        }
        const named = await anybody.send(getContentOverrideName, { params: { ...at(mediaId), fileName: 'new.png' } });
        expect(named.headers.get('content-disposition')).toBe('inline; filename=new.png');
        const thumbnail = await anybody.send(getContentThumbnail, {
          params: at(mediaId),
          query: { width: 32, height: 32, method: 'crop' },
        });
        expect(thumbnail.headers.get('content-type')).toBe('image/png');
      }
    });
  });

  test('the configuration tells the largest upload', async () => {
    expect(await alice.call(getConfig)).toEqual({ 'm.upload.size': 1_048_576 });
    expect(await alice.call(getConfigAuthed)).toEqual({ 'm.upload.size': 1_048_576 });
    await server.client().call(getConfig, {}, { expect: 'M_MISSING_TOKEN' });
    await server.client().call(getConfigAuthed, {}, { expect: 'M_MISSING_TOKEN' });
  });

  test('without a media repository nothing of it is there', async () => {
    const own = await start({ config: { enable_media_repo: false } });
    const carol = await own.registerUser('carol');
    await carol.call(uploadContent, { bytes: 'x' }, { expect: 'M_UNRECOGNIZED' });
    await carol.call(getConfigAuthed, {}, { expect: 'M_UNRECOGNIZED' });
  });

  test('uploads and announcements outlive a restart', async () => {
    const own = await start({ onDisk: database === 'sqlite' });
    const carol = await own.registerUser('carol');
    const bytes = randomBytes(300_000);
    const mediaId = await upload(carol, bytes);
    const { content_uri: announced } = await carol.call(createContent);
    await own.restart();
    const answer = await carol.send(getContentAuthed, { params: at(mediaId) });
    expect(createHash('sha256').update(answer.bytes).digest('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
    await carol.call(uploadContentToMXC, { params: at((announced as string).split('/')[3] as string), bytes: 'late' });
  });

  test('a picture with too many pixels is kept and not scaled', async () => {
    const mediaId = await upload(alice, hugePng(30_000, 30_000), 'image/png');
    await bob.send(getContentAuthed, { params: at(mediaId) });
    await bob.call(
      getContentThumbnailAuthed,
      { params: at(mediaId), query: { width: 32, height: 32 } },
      { expect: 'M_TOO_LARGE' },
    );
  });
});
