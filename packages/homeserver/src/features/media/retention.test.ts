import { sql } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { ManualTime } from '@myelin/runtime/testing';
import { describe, expect, it } from 'vitest';
import type { UserNid } from '../names/index.ts';
import { MemoryMediaFiles } from './files/memory-media-files.ts';
import { contentPath, remoteContentPath, remoteThumbnailFolder, thumbnailFolder } from './media-paths.ts';
import { MediaStore } from './media-store.ts';
import { mediaMigrations } from './migrations.ts';
import { RemoteMediaStore } from './remote/remote-media-store.ts';
import { MediaRetention } from './retention.ts';

const day = 24 * 3_600_000;

describeDatabases((open) => {
  describe('media that nobody reads', () => {
    it('is let go after its time, with its thumbnails; what is read or quarantined stays', async () => {
      const database = await open(mediaMigrations);
      const time = new ManualTime();
      const files = new MemoryMediaFiles();
      const store = new MediaStore(database);
      const remoteStore = new RemoteMediaStore(database);
      const retention = new MediaRetention({
        database,
        clock: time,
        config: { localMediaLifetimeMs: 2 * day, remoteMediaLifetimeMs: day },
        files,
        store,
        remoteStore,
      });
      const put = async (path: string): Promise<void> => {
        const file = await files.create();
        await file.finish(path);
      };
      const content = (name: string) => ({ type: 'text/plain', length: 1, name, sha256: Buffer.from(name) });
      const authenticated = true;
      for (const name of ['readread', 'unread00', 'secret00']) {
        const [mediaId, fileId] = [name, `file${name}`];
        await database.transact(async (writer) => {
          const user = 1 as UserNid;
          await store.add(writer, { mediaId, user, now: time.now(), authenticated, content: content(name) });
          const file = { origin: 'x.test', mediaId, fileId, authenticated, content: content(`${name} there`) };
          await remoteStore.add(writer, file, time.now());
        });
        await put(contentPath(mediaId));
        await put(`${thumbnailFolder(mediaId)}/32-32-image-png-crop`);
        await put(remoteContentPath('x.test', fileId));
        await put(`${remoteThumbnailFolder('x.test', fileId)}/32-32-image-png-crop`);
      }
      await database.transact(async (writer) => {
        await writer.run(sql`UPDATE local_media SET quarantined_by = 'admin' WHERE media_id = 'secret00'`);
        await writer.run(sql`UPDATE remote_media SET quarantined_by = 'admin' WHERE media_id = 'secret00'`);
      });
      const kept = async (): Promise<Record<string, boolean[]>> => {
        const found: Record<string, boolean[]> = {};
        for (const name of ['readread', 'unread00', 'secret00']) {
          const isStored = (paths: string[]): boolean => {
            const all = paths.map((path) => files.paths.some((each) => each.startsWith(path)));
            expect(new Set(all).size).toBe(1);
            return all[0] === true;
          };
          const remote = remoteContentPath('x.test', `file${name}`);
          found[name] = [
            isStored([contentPath(name), thumbnailFolder(name)]),
            isStored([remote, remoteThumbnailFolder('x.test', `file${name}`)]),
          ];
          expect((await store.find(name)) !== undefined).toBe(found[name][0]);
          expect((await remoteStore.find('x.test', name)) !== undefined).toBe(found[name][1]);
        }
        return found;
      };

      time.advance(day + 1_000);
      await remoteStore.noteAccess(['filereadread'], time.now());
      await store.noteAccess(['readread'], time.now());
      await retention.run();
      expect(await kept()).toEqual({ readread: [true, true], unread00: [true, false], secret00: [true, true] });

      time.advance(day + 1);
      await retention.run();
      expect(await kept()).toEqual({ readread: [true, false], unread00: [false, false], secret00: [true, true] });
    });
  });
});
