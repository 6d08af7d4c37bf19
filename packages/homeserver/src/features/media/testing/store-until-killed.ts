// Stores files one after another until it is killed, and prints the path of each that is stored.
import { systemClock, systemRandom } from '@myelin/runtime';
import { DiskMediaFiles } from '../files/disk-media-files.ts';

const files = new DiskMediaFiles(process.argv[2] as string, { clock: systemClock, random: systemRandom });
await files.start();
await Promise.all(
  [0, 1, 2, 3].map(async (writer) => {
    for (let i = 0; ; i++) {
      const file = await files.create();
      for (let chunk = 0; chunk < 8; chunk++) await file.write(Buffer.alloc(64 * 1024, i % 256));
      await file.finish(`content/${i % 7}/${writer}/${i}`);
      process.stdout.write(`content/${i % 7}/${writer}/${i}\n`);
    }
  }),
);
