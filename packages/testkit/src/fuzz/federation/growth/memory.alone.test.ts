import { afterAll, beforeAll, expect, test } from 'vitest';
import { stoppedAfterwards } from '../../../server/stopped-afterwards.ts';
import { startFederation } from '../../../federation/start-federation.ts';
import { hostileKinds } from './hostile-kinds.ts';
import { MemorySizes, sketchOf } from './memory-sizes.ts';
import { much, SendingOfKinds } from './sending-of-kinds.ts';

// In a process of its own: it looks at all that is in memory, which takes long where other tests have left much. What
// is in memory doesn't depend on the database.
const stopLater = stoppedAfterwards();
let sending: SendingOfKinds;
beforeAll(async () => {
  sending = await SendingOfKinds.start(async (servers = 2, options = {}) => {
    const started = await startFederation({ ...options, servers, database: 'sqlite' });
    stopLater(started);
    return started;
  });
});
afterAll(() => sending?.stop());

test('nothing in memory grows with each of the hostile requests without a bound', async () => {
  const memory = new MemorySizes();
  const sendAll = async (): Promise<void> => {
    for (const name of Object.keys(hostileKinds)) await sending.send(name);
  };
  try {
    // What comes first may be new to caches.
    await sendAll();
    await sending.stillWorks();
    const before = memory.sizes();
    await sendAll();
    await sending.stillWorks();
    const grown = (): string[] =>
      [...memory.sizes()]
        .filter(([each, size]) => size - (before.get(each) ?? size) >= much)
        .map(([each, size]) => `${before.get(each)} to ${size}: ${sketchOf(each)}`);
    // What the server is still busy with, as on a slow machine, is gone at one of the looks. No requests between
    // them: a look takes so long that connections are given up meanwhile.
    await expect.poll(grown, { timeout: 120_000, interval: 500 }).toEqual([]);
  } finally {
    memory.close();
  }
}, 600_000);
