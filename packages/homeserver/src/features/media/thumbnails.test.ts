import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { getContentThumbnailAuthed, uploadContent } from '@myelin/api';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import sharp from 'sharp';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { animation, picture } from './testing/pictures.ts';

async function upload(client: TestClient, bytes: Uint8Array | string, contentType = 'image/png'): Promise<string> {
  return (await client.call(uploadContent, { bytes, contentType })).content_uri.split('/')[3];
}

interface Shown {
  readonly type: string | null;
  readonly disposition: string | null;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly bytes: Uint8Array;
  readonly hasMetadata: boolean;
}

async function thumbnail(
  client: TestClient,
  mediaId: string,
  query: Record<string, string | number | boolean>,
): Promise<Shown> {
  const answer = await client.send(getContentThumbnailAuthed, { params: { serverName: 'test', mediaId }, query });
  const facts = await sharp(answer.bytes, { animated: true }).metadata();
  return {
    type: answer.headers.get('content-type'),
    disposition: answer.headers.get('content-disposition'),
    width: facts.width,
    height: facts.pageHeight ?? facts.height,
    frames: facts.pages ?? 1,
    bytes: answer.bytes,
    hasMetadata: facts.exif !== undefined || facts.icc !== undefined || facts.xmp !== undefined,
  };
}

function storedThumbnails(server: TestServer, mediaId: string): Promise<string[]> {
  return readdir(
    join(server.folder, 'media', 'local_thumbnails', mediaId.slice(0, 2), mediaId.slice(2, 4), mediaId.slice(4)),
  );
}

describeServers((start, database) => {
  // Nothing of this hangs on the database.
  if (database !== 'sqlite') return test('thumbnails: see sqlite', () => expect(database).toBe('postgres'));

  let server: TestServer;
  let alice: TestClient;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
  });

  describe('the configured sizes', () => {
    test('the nearest that is not smaller, and it is kept', async () => {
      const mediaId = await upload(alice, await picture({ width: 1000, height: 750 }));
      const shown = await thumbnail(alice, mediaId, { width: 300, height: 200, method: 'scale' });
      expect(shown).toMatchObject({
        type: 'image/png',
        disposition: 'inline; filename=thumbnail.png',
        width: 320,
        height: 240,
      });
      await vi.waitFor(async () =>
        expect(await storedThumbnails(server, mediaId)).toEqual(['320-240-image-png-scale']),
      );
      const again = await thumbnail(alice, mediaId, { width: 300, height: 200 });
      expect(Buffer.from(again.bytes).equals(shown.bytes)).toBe(true);
      expect(await thumbnail(alice, mediaId, { width: 20, height: 20, method: 'crop' })).toMatchObject({
        width: 32,
        height: 32,
      });
      expect(await thumbnail(alice, mediaId, { width: 5000, height: 5000, method: 'scale' })).toMatchObject({
        width: 800,
        height: 600,
      });
      expect(await thumbnail(alice, mediaId, { width: 0, height: 0, method: 'CROP' })).toMatchObject({
        width: 32,
        height: 32,
      });
      expect(await thumbnail(alice, mediaId, { width: 2 ** 53 - 1, height: 2 ** 53 - 1 })).toMatchObject({
        width: 800,
      });
    });

    test('nothing is made larger than it is', async () => {
      const mediaId = await upload(alice, await picture({ width: 50, height: 20 }));
      expect(await thumbnail(alice, mediaId, { width: 800, height: 600 })).toMatchObject({ width: 50, height: 20 });
      expect(await thumbnail(alice, mediaId, { width: 96, height: 96, method: 'crop' })).toMatchObject({
        width: 20,
        height: 20,
      });
    });

    test('many who ask at once get the same', async () => {
      const mediaId = await upload(alice, await picture({ width: 900, height: 900 }));
      const all = await Promise.all(
        Array.from({ length: 10 }, () => thumbnail(alice, mediaId, { width: 96, height: 96, method: 'crop' })),
      );
      expect(new Set(all.map(({ bytes }) => Buffer.from(bytes).toString('base64'))).size).toBe(1);
      await vi.waitFor(async () => expect(await storedThumbnails(server, mediaId)).toEqual(['96-96-image-png-crop']));
    });
  });

  describe('formats', () => {
    test.each([
      ['jpeg', false, 'image/jpeg'],
      ['png', true, 'image/png'],
      ['webp', false, 'image/jpeg'],
      ['webp', true, 'image/png'],
      ['gif', false, 'image/png'],
    ] as const)('%s (transparency: %s) becomes %s', async (format, alpha, type) => {
      // What the uploader says of the type isn't believed.
      const mediaId = await upload(
        alice,
        await picture({ width: 64, height: 64, format, alpha }),
        'application/octet-stream',
      );
      expect(await thumbnail(alice, mediaId, { width: 32, height: 32, method: 'crop' })).toMatchObject({
        type,
        width: 32,
        height: 32,
      });
    });

    test('a photograph is turned upright and tells nothing of its camera', async () => {
      // 6: the camera was turned to the right; the upper left quarter belongs to the upper right.
      const mediaId = await upload(
        alice,
        await picture({ width: 400, height: 200, format: 'jpeg', orientation: 6 }),
        'image/jpeg',
      );
      const shown = await thumbnail(alice, mediaId, { width: 320, height: 240 });
      expect(shown).toMatchObject({ width: 120, height: 240, hasMetadata: false });
      const { data, info } = await sharp(shown.bytes).raw().toBuffer({ resolveWithObject: true });
      const upperRight = (10 * info.width + 110) * info.channels;
      expect(data[upperRight]).toBeGreaterThan(200);
      expect(data[upperRight + 1]).toBeLessThan(60);
    });

    test.each(['gif', 'webp'] as const)('an animated %s moves if that is asked for', async (format) => {
      const mediaId = await upload(alice, await animation(200, 100, 5, format), `image/${format}`);
      const moving = await thumbnail(alice, mediaId, { width: 96, height: 96, method: 'crop', animated: true });
      expect(moving).toMatchObject({ type: 'image/webp', width: 96, height: 96, frames: 5 });
      expect(await thumbnail(alice, mediaId, { width: 64, height: 64, animated: true })).toMatchObject({ frames: 5 });
      for (const still of [{}, { animated: false }]) {
        expect(await thumbnail(alice, mediaId, { width: 96, height: 96, method: 'crop', ...still })).toMatchObject({
          frames: 1,
        });
      }
    });

    test('what cannot move is shown still', async () => {
      const mediaId = await upload(alice, await picture({ width: 64, height: 64 }));
      expect(await thumbnail(alice, mediaId, { width: 32, height: 32, animated: true })).toMatchObject({
        type: 'image/png',
        frames: 1,
      });
    });

    test('an animation with too many pixels is shown still', async () => {
      const own = await start({ config: { max_image_pixels: 50_000 } });
      const carol = await own.registerUser('carol');
      const mediaId = await upload(carol, await animation(200, 100, 5), 'image/gif');
      expect(await thumbnail(carol, mediaId, { width: 32, height: 32, animated: true })).toMatchObject({
        type: 'image/png',
        frames: 1,
      });
    });
  });

  describe('what is not scaled', () => {
    const query = { width: 32, height: 32 };

    test.each([
      ['random bytes', () => randomBytes(1000)],
      ['nothing', () => ''],
      ['SVG', () => '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>'],
      [
        'text that begins like a PNG',
        () => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.from('hello')]),
      ],
      [
        'a GIF that claims 65,535 times as many pixels',
        () => Buffer.from('GIF89a\xff\xff\xff\xff\x00\x00\x00', 'latin1'),
      ],
    ])('%s', async (_name, bytes) => {
      const mediaId = await upload(alice, bytes());
      for (const _time of [1, 2]) {
        const answer = await alice.send(
          getContentThumbnailAuthed,
          { params: { serverName: 'test', mediaId }, query },
          { expect: [400, 413] },
        );
        expect(['M_UNKNOWN', 'M_TOO_LARGE']).toContain(answer.body.errcode);
      }
    });

    test('a picture that breaks off', async () => {
      const whole = await picture({ width: 300, height: 300 });
      const mediaId = await upload(alice, whole.subarray(0, whole.length / 2));
      await alice.call(
        getContentThumbnailAuthed,
        { params: { serverName: 'test', mediaId }, query },
        { expect: 'M_UNKNOWN' },
      );
    });

    test('sizes that are none', async () => {
      const mediaId = await upload(alice, await picture({ width: 64, height: 64 }));
      const params = { serverName: 'test', mediaId };
      await alice.call(getContentThumbnailAuthed, { params, query: { width: 32 } }, { expect: 'M_MISSING_PARAM' });
      await alice.call(
        getContentThumbnailAuthed,
        { params, query: { width: -1, height: 32 } },
        { expect: 'M_INVALID_PARAM' },
      );
      await alice.call(
        getContentThumbnailAuthed,
        { params, query: { width: 'x', height: 32 } },
        { expect: 'M_INVALID_PARAM' },
      );
    });
  });

  test('dynamic_thumbnails: exactly the size that is asked for, and no more than some are kept', async () => {
    const own = await start({ config: { dynamic_thumbnails: true } });
    const carol = await own.registerUser('carol');
    const mediaId = await upload(carol, await picture({ width: 400, height: 300 }));
    expect(await thumbnail(carol, mediaId, { width: 77, height: 55, method: 'crop' })).toMatchObject({
      width: 77,
      height: 55,
    });
    expect(await thumbnail(carol, mediaId, { width: 77, height: 55 })).toMatchObject({ width: 73, height: 55 });
    expect(await thumbnail(carol, mediaId, { width: 4000, height: 3000 })).toMatchObject({ width: 400, height: 300 });
    for (let size = 1; size <= 110; size++) {
      expect(await thumbnail(carol, mediaId, { width: size, height: size, method: 'crop' })).toMatchObject({
        width: size,
        height: size,
      });
    }
    await vi.waitFor(async () => expect((await storedThumbnails(own, mediaId)).length).toBe(100));
  });

  test('no thumbnail_sizes: no thumbnails', async () => {
    const own = await start({ config: { thumbnail_sizes: [] } });
    const carol = await own.registerUser('carol');
    const params = { serverName: 'test', mediaId: await upload(carol, await picture({ width: 64, height: 64 })) };
    await carol.call(getContentThumbnailAuthed, { params, query: { width: 32, height: 32 } }, { expect: 'M_UNKNOWN' });
  });
});
