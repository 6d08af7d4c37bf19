import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  createContent,
  getContentAuthed,
  getContentThumbnailAuthed,
  uploadContent,
  uploadContentToMXC,
} from '@myelin/api';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { at, sendWithoutLength, serverName, storedFiles, upload } from './testing/media-calls.ts';
import { picture } from './testing/pictures.ts';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  beforeAll(async () => {
    server = await start({ config: { max_upload_size: '1M' } });
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });

  describe('refused uploads', () => {
    test('without a token', async () => {
      await server.client().call(uploadContent, { bytes: 'x' }, { expect: 'M_MISSING_TOKEN' });
    });

    test('one that is announced as too large', async () => {
      await alice.call(uploadContent, { bytes: Buffer.alloc(1_048_577) }, { expect: 'M_TOO_LARGE' });
      await upload(alice, Buffer.alloc(1_048_576));
    });

    test('one that grows too large while it comes', async () => {
      const before = await storedFiles(server);
      const { status, body } = await sendWithoutLength(server, alice, 20);
      expect(status).toBe(413);
      expect(JSON.parse(body)).toMatchObject({ errcode: 'M_TOO_LARGE' });
      expect(await storedFiles(server)).toEqual(before);
    });

    test('a body that never ends', async () => {
      const { status } = await sendWithoutLength(server, alice, Infinity);
      expect(status).toBe(413);
    });

    test('one that breaks off leaves nothing', async () => {
      const before = await storedFiles(server);
      const socket = connect(Number(new URL(server.baseUrl).port), '127.0.0.1');
      socket.write(
        `POST /_matrix/media/v3/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${alice.accessToken}\r\nContent-Length: 500000\r\n\r\n`,
      );
      socket.write(Buffer.alloc(300_000));
      await vi.waitFor(async () => expect(await readdir(join(server.folder, 'media', 'incoming'))).toHaveLength(1));
      socket.destroy();
      await vi.waitFor(async () => expect(await readdir(join(server.folder, 'media', 'incoming'))).toHaveLength(0));
      expect(await storedFiles(server)).toEqual(before);
    });

    test('types and names that are no such thing', async () => {
      const long = 'x'.repeat(1025);
      await alice.call(uploadContent, { bytes: 'x', query: { filename: long } }, { expect: 'M_INVALID_PARAM' });
      await alice.call(uploadContent, { bytes: 'x', contentType: `text/${long}` }, { expect: 'M_INVALID_PARAM' });
    });

    test('limits by time, with a page that explains them or without', async () => {
      const day = { max_size: '1K', time_period: '1d' };
      const own = await start({ config: { media_upload_limits: [day] } });
      const carol = await own.registerUser('carol');
      await upload(carol, Buffer.alloc(1000));
      await carol.call(uploadContent, { bytes: Buffer.alloc(100) }, { expect: 'M_FORBIDDEN' });
      await upload(await own.registerUser('dave'), Buffer.alloc(1000));
      const explained = await start({
        config: { media_upload_limits: [{ ...day, info_uri: 'https://example.org/limits', can_upgrade: true }] },
      });
      const erin = await explained.registerUser('erin');
      const refused = await erin.call(
        uploadContent,
        { bytes: Buffer.alloc(1025) },
        { expect: 'M_USER_LIMIT_EXCEEDED' },
      );
      expect(refused).toMatchObject({ info_uri: 'https://example.org/limits', can_upgrade: true });
      const { status } = await sendWithoutLength(explained, erin, 2);
      expect(status).toBe(403);
      expect(await storedFiles(explained)).toEqual([]);
    });
  });

  describe('announced uploads', () => {
    async function announce(client: TestClient): Promise<string> {
      const answer = await client.call(createContent);
      expect(answer.unused_expires_at - Date.now()).toBeGreaterThan(23 * 3_600_000);
      return (answer.content_uri as string).slice(`mxc://${serverName}/`.length);
    }

    test('who asks too early waits until it comes', async () => {
      const mediaId = await announce(alice);
      const waiting = bob.send(getContentAuthed, { params: at(mediaId), query: { timeout_ms: 10_000 } });
      const thumbnail = bob.send(getContentThumbnailAuthed, {
        params: at(mediaId),
        query: { width: 32, height: 32, timeout_ms: 10_000 },
      });
      await bob.call(
        getContentAuthed,
        { params: at(mediaId), query: { timeout_ms: 0 } },
        { expect: 'M_NOT_YET_UPLOADED' },
      );
      const bytes = await picture({ width: 40, height: 30 });
      await alice.call(uploadContentToMXC, {
        params: at(mediaId),
        bytes,
        contentType: 'image/png',
        query: { filename: 'a.png' },
      });
      const answer = await waiting;
      expect(Buffer.from(answer.bytes).equals(bytes)).toBe(true);
      expect(answer.headers.get('content-disposition')).toBe('inline; filename=a.png');
      expect((await thumbnail).headers.get('content-type')).toBe('image/png');
    });

    test('content comes once, and from the one who announced it', async () => {
      const mediaId = await announce(alice);
      await bob.call(uploadContentToMXC, { params: at(mediaId), bytes: 'x' }, { expect: 'M_FORBIDDEN' });
      await alice.call(uploadContentToMXC, { params: at(mediaId), bytes: 'mine' });
      await alice.call(
        uploadContentToMXC,
        { params: at(mediaId), bytes: 'other' },
        { expect: 'M_CANNOT_OVERWRITE_MEDIA' },
      );
      expect((await bob.send(getContentAuthed, { params: at(mediaId) })).text).toBe('mine');
      const once = await upload(alice, 'complete');
      await alice.call(uploadContentToMXC, { params: at(once), bytes: 'x' }, { expect: 'M_CANNOT_OVERWRITE_MEDIA' });
    });

    test('of two at once, one comes through', async () => {
      const mediaId = await announce(alice);
      const answers = await Promise.all(
        ['one', 'two'].map((bytes) =>
          alice.send(uploadContentToMXC, { params: at(mediaId), bytes }, { expect: [200, 409] }),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
      const kept = answers[0]?.status === 200 ? 'one' : 'two';
      expect((await bob.send(getContentAuthed, { params: at(mediaId) })).text).toBe(kept);
    });

    test('a refused one can be tried again', async () => {
      const mediaId = await announce(alice);
      await alice.call(
        uploadContentToMXC,
        { params: at(mediaId), bytes: Buffer.alloc(1_048_577) },
        { expect: 'M_TOO_LARGE' },
      );
      await alice.call(uploadContentToMXC, { params: at(mediaId), bytes: 'smaller' });
      expect((await bob.send(getContentAuthed, { params: at(mediaId) })).text).toBe('smaller');
    });

    test('addresses that nobody announced', async () => {
      await alice.call(uploadContentToMXC, { params: at('nobody'), bytes: 'x' }, { expect: 'M_NOT_FOUND' });
      await alice.call(uploadContentToMXC, { params: at('../x'), bytes: 'x' }, { expect: 'M_NOT_FOUND' });
      await alice.call(
        uploadContentToMXC,
        { params: at('x', 'elsewhere.example'), bytes: 'x' },
        { expect: 'M_NOT_FOUND' },
      );
    });

    test('few may wait at a time', async () => {
      const own = await start({ config: { max_pending_media_uploads: 2 } });
      const carol = await own.registerUser('carol');
      const first = await announce(carol);
      await announce(carol);
      const refused = await carol.call(createContent, {}, { expect: 'M_LIMIT_EXCEEDED' });
      expect(refused.retry_after_ms).toBeGreaterThan(23 * 3_600_000);
      await carol.call(uploadContentToMXC, { params: at(first), bytes: 'x' });
      await announce(carol);
      await announce(await own.registerUser('dave'));
    });
  });
});
