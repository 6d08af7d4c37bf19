import { DatabaseError, sql, type Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { systemRandom } from '@myelin/runtime';
import { ManualTime } from '@myelin/runtime/testing';
import { expect, test, vi } from 'vitest';
import { testConfig } from '../../config/index.ts';
import type { Requester } from '../../http/index.ts';
import type { UserNid } from '../names/index.ts';
import { Arrivals } from './arrivals.ts';
import { createMedia } from './create-media.ts';
import type { MediaFiles } from './files/media-files.ts';
import { MemoryMediaFiles } from './files/memory-media-files.ts';
import type { MediaRequest } from './found-media.ts';
import type { Images } from './images/images.ts';
import { LastAccesses } from './last-accesses.ts';
import { Library } from './library.ts';
import { MediaStore } from './media-store.ts';
import { mediaMigrations } from './migrations.ts';
import type { UploadContent } from './upload-content.ts';
import { Uploads } from './uploads.ts';

const hour = 3_600_000;

const alice: Requester = {
  userId: '@alice:test',
  user: 1 as UserNid,
  deviceId: undefined,
  device: undefined,
  token: 1,
  isGuest: false,
  isAdmin: false,
  isSuspended: false,
  isExemptFromLimits: false,
};

const noImages: Images = {
  describe: async () => undefined,
  scale: async () => undefined,
  prepare: () => {},
  stop: async () => {},
};

function text(value: string): UploadContent {
  return {
    body: (async function* () {
      yield Buffer.from(value);
    })(),
    announced: undefined,
    type: 'text/plain',
    name: undefined,
  };
}

function request(timeoutMs = 0, signal = new AbortController().signal): MediaRequest {
  return { authenticated: true, timeoutMs, allowRemote: true, request: { signal, ip: '127.0.0.1' } };
}

describeDatabases((open) => {
  async function setUp({ files = new MemoryMediaFiles() as MediaFiles, wrap = (database: Database) => database } = {}) {
    const database = wrap(await open(mediaMigrations));
    const time = new ManualTime();
    const store = new MediaStore(database);
    const arrivals = new Arrivals(time);
    const lastAccesses = new LastAccesses(store, time);
    const config = testConfig().media;
    const parts = { database, clock: time, random: systemRandom, serverName: 'test', config, store, files, arrivals };
    return {
      database,
      time,
      store,
      lastAccesses,
      config,
      uploads: new Uploads({ ...parts, images: noImages }),
      library: new Library({ ...parts, lastAccesses }),
    };
  }

  const idOf = (uri: string): string => uri.split('/')[3] as string;

  test('an announced address is good for unused_expiration_time', async () => {
    const { uploads, library, time } = await setUp();
    const { uri, expiresAt } = await uploads.announce(alice);
    expect(expiresAt).toBe(time.now() + 24 * hour);
    time.advance(24 * hour + 1);
    await expect(uploads.uploadTo(alice, 'test', idOf(uri), text('late'))).rejects.toMatchObject({
      code: 'M_NOT_FOUND',
    });
    await expect(library.find('test', idOf(uri), request())).rejects.toMatchObject({ code: 'M_NOT_FOUND' });
    // It doesn't count as waiting any more.
    for (let i = 0; i < 5; i++) await uploads.announce(alice);
    await expect(uploads.announce(alice)).rejects.toMatchObject({ code: 'M_LIMIT_EXCEEDED' });
    await uploads.announce({ ...alice, isExemptFromLimits: true });
  });

  test('the wait for an upload ends with timeout_ms, at 60 seconds, or when the client goes', async () => {
    const { uploads, library, time } = await setUp();
    const mediaId = idOf((await uploads.announce(alice)).uri);
    const waitedFor = async (timeoutMs: number | undefined): Promise<number> => {
      const started = time.now();
      const state = { over: false };
      const found = library.find('test', mediaId, { ...request(), timeoutMs }).finally(() => (state.over = true));
      found.catch(() => {});
      while (!state.over) {
        await new Promise((resolve) => setImmediate(resolve));
        if (time.waiting > 0) time.advance(500);
      }
      await expect(found).rejects.toMatchObject({ code: 'M_NOT_YET_UPLOADED', status: 504 });
      return time.now() - started;
    };
    expect(await waitedFor(5_000)).toBe(5_000);
    expect(await waitedFor(undefined)).toBe(20_000);
    expect(await waitedFor(10 * hour)).toBe(60_000);
    const controller = new AbortController();
    const left = library.find('test', mediaId, request(20_000, controller.signal));
    controller.abort();
    await expect(left).rejects.toMatchObject({ code: 'M_NOT_YET_UPLOADED' });
    expect(time.waiting).toBe(0);
  });

  test('who waits is woken by the upload, not by time', async () => {
    const { uploads, library, time } = await setUp();
    const mediaId = idOf((await uploads.announce(alice)).uri);
    const waiting = [1, 2, 3].map(() => library.find('test', mediaId, request(20_000)));
    await vi.waitFor(() => expect(time.waiting).toBe(3));
    await uploads.uploadTo(alice, 'test', mediaId, text('here'));
    for (const found of await Promise.all(waiting)) expect(found.content.length).toBe(4);
    expect(time.waiting).toBe(0);
  });

  test('what is quarantined is not shown, nor the same file again', async () => {
    const { uploads, library, database } = await setUp();
    const bad = idOf(await uploads.upload(alice, text('bad')));
    await library.find('test', bad, request());
    await database.transact((writer) =>
      writer.run(sql`UPDATE local_media SET quarantined_by = '@admin:test' WHERE media_id = ${bad}`),
    );
    await expect(library.find('test', bad, request())).rejects.toMatchObject({ code: 'M_NOT_FOUND' });
    expect(await library.describe(`mxc://test/${bad}`)).toBeUndefined();
    const again = idOf(await uploads.upload(alice, text('bad')));
    await expect(library.find('test', again, request())).rejects.toMatchObject({ code: 'M_NOT_FOUND' });
    const { uri } = await uploads.announce(alice);
    await uploads.uploadTo(alice, 'test', idOf(uri), text('bad'));
    await expect(library.find('test', idOf(uri), request())).rejects.toMatchObject({ code: 'M_NOT_FOUND' });
    expect(idOf(await uploads.upload(alice, text('good')))).toBeTruthy();
  });

  test('what is known of a file', async () => {
    const { uploads, library } = await setUp();
    const uri = await uploads.upload(alice, text('1234'));
    expect(await library.describe(uri)).toEqual({ size: 4, mimetype: 'text/plain' });
    expect(await library.describe((await uploads.announce(alice)).uri)).toBeUndefined();
    expect(await library.describe('mxc://test/unknown')).toBeUndefined();
    expect(await library.describe(uri.replace('test', 'elsewhere.example'))).toBeUndefined();
    expect(await library.describe('https://test/x')).toBeUndefined();
  });

  test('reading is noted from time to time', async () => {
    const { uploads, library, lastAccesses, database, time } = await setUp();
    const [read, unread] = [idOf(await uploads.upload(alice, text('a'))), idOf(await uploads.upload(alice, text('b')))];
    time.advance(1_000);
    await library.find('test', read, request());
    await lastAccesses.write();
    const rows = await database.reader.all(sql`SELECT media_id, last_access_ts FROM local_media`);
    expect(rows).toContainEqual({ media_id: read, last_access_ts: time.now() });
    expect(rows).toContainEqual({ media_id: unread, last_access_ts: null });
  });

  test('a full disk is told as such, and nothing is left', async () => {
    const memory = new MemoryMediaFiles();
    const files = Object.assign(Object.create(memory) as MediaFiles, {
      create: async () => ({
        write: () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
        finish: async () => {},
        discard: async () => {},
      }),
    });
    const { uploads, database } = await setUp({ files });
    await expect(uploads.upload(alice, text('x'))).rejects.toMatchObject({ code: 'M_UNKNOWN', status: 507 });
    expect(await database.reader.all(sql`SELECT media_id FROM local_media`)).toEqual([]);
  });

  test('a row that cannot be stored takes its file along', async () => {
    const files = new MemoryMediaFiles();
    let broken = true;
    const { uploads, database } = await setUp({
      files,
      wrap: (inner) =>
        Object.assign(Object.create(inner) as Database, {
          reader: inner.reader,
          transact: (body: Parameters<Database['transact']>[0]) =>
            broken ? Promise.reject(new DatabaseError('full', 'no room')) : inner.transact(body),
        }),
    });
    await expect(uploads.upload(alice, text('x'))).rejects.toMatchObject({ code: 'M_UNKNOWN', status: 507 });
    expect(files.paths).toEqual([]);
    broken = false;
    await uploads.upload(alice, text('x'));
    expect(files.paths).toHaveLength(1);
    expect(await database.reader.all(sql`SELECT media_length FROM local_media`)).toEqual([{ media_length: 1 }]);
  });

  test('a commit that came through although nobody knew keeps its file', async () => {
    const files = new MemoryMediaFiles();
    const { uploads, store } = await setUp({
      files,
      wrap: (inner) =>
        Object.assign(Object.create(inner) as Database, {
          reader: inner.reader,
          transact: async (body: Parameters<Database['transact']>[0]) => {
            await inner.transact(body);
            throw new DatabaseError('connection', 'gone', { outcomeUnknown: true });
          },
        }),
    });
    await expect(uploads.upload(alice, text('x'))).rejects.toMatchObject({ kind: 'connection' });
    const [path] = files.paths;
    const mediaId = (path as string).split('/').slice(1).join('');
    expect(await store.find(mediaId)).toMatchObject({ content: { length: 1 } });
  });

  test('an upload that creeps is given up', async () => {
    const { uploads, time } = await setUp();
    async function* creeping(): AsyncGenerator<Uint8Array> {
      for (;;) {
        time.advance(30_000);
        yield Buffer.alloc(10);
      }
    }
    await expect(uploads.upload(alice, { ...text(''), body: creeping() })).rejects.toMatchObject({ status: 408 });
  });

  test('how many uploads are under way is bounded', async () => {
    const { uploads } = await setUp();
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    async function* waiting(): AsyncGenerator<Uint8Array> {
      await held;
      yield Buffer.alloc(1);
    }
    const many = Array.from({ length: 32 }, () => uploads.upload(alice, { ...text(''), body: waiting() }));
    // Their checks come first.
    await new Promise((resolve) => setImmediate(resolve));
    await expect(uploads.upload(alice, text('x'))).rejects.toMatchObject({ code: 'M_LIMIT_EXCEEDED' });
    await uploads.upload({ ...alice, user: 2 as UserNid }, text('x'));
    goOn();
    await Promise.all(many);
    await uploads.upload(alice, text('x'));
  });

  test('upkeep forgets addresses that were never used', async () => {
    const { database, time, config, store } = await setUp();
    const problems: unknown[] = [];
    const media = await createMedia({
      database,
      runtime: { clock: time, timers: time, random: systemRandom },
      serverName: 'test',
      config,
      files: new MemoryMediaFiles(),
      onProblem: (error) => problems.push(error),
    });
    const add = (mediaId: string): Promise<void> =>
      database.transact((writer) =>
        store.add(writer, { mediaId, user: alice.user, now: time.now(), authenticated: true, content: undefined }),
      );
    await add('early');
    time.advance(47 * hour);
    await add('later');
    time.advance(2 * hour);
    await media.stop();
    await expect.poll(() => store.find('early')).toBeUndefined();
    expect(await store.find('later')).toBeDefined();
    expect(problems).toEqual([]);
    expect(time.waiting).toBe(0);
  });
});
