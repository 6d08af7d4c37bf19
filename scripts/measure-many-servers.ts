// What an event costs a server in a room of so many servers, in CPU time, requests, rows and statements: to send it, and to get it.
// node scripts/measure-many-servers.ts [SERVERS …]; docs/decisions/sending-to-other-servers.md has figures.
import { DiskFolder, measureManyServers } from '@myelin/simulator';

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 100, 500];
const folder = await DiskFolder.create();
try {
  for (const count of counts) {
    const { out, in: incoming } = await measureManyServers(count, folder);
    for (const [way, { cpuMs, exchanges, rows, statements }] of Object.entries({ sent: out, received: incoming }))
      console.log(
        `${count} servers, ${way}: ${cpuMs.toFixed(1)} ms of CPU, ${exchanges} requests, ${rows} rows, ${statements} statements`,
      );
  }
} finally {
  folder.remove();
}
