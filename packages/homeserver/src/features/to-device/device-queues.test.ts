import type { Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { beforeEach, expect, test } from 'vitest';
import type { DeviceNid, UserNid } from '../names/index.ts';
import { DeviceQueues } from './device-queues.ts';
import { MessageStore } from './message-store.ts';
import { toDeviceMigrations } from './migrations.ts';

const device = 1 as DeviceNid;
const [flooder, friend] = [10 as UserNid, 11 as UserNid];

describeDatabases((open) => {
  let database: Database;
  let store: MessageStore;
  beforeEach(async () => {
    database = await open(toDeviceMigrations);
    store = new MessageStore(database);
  });

  function add(queues: DeviceQueues, position: number, sender: UserNid, message: string): Promise<void> {
    return database.transact((writer) => queues.add(writer, position, sender, [{ device, message }]));
  }

  async function contents(queues: DeviceQueues): Promise<string[]> {
    const all: string[] = [];
    for (let since = 0; ;) {
      const { events, upTo } = await queues.messages(device, since, 1_000_000);
      all.push(...events);
      if (upTo === 1_000_000) return all;
      since = upTo;
    }
  }

  test('who sends too much loses their own oldest messages', async () => {
    const queues = new DeviceQueues(database, store, { messages: 100, characters: 1_000_000 });
    for (let n = 0; n < 10; n++) await add(queues, n + 1, friend, `f${n}`);
    for (let n = 0; n < 300; n++) await add(queues, n + 100, flooder, `x${n}`);
    const left = await contents(queues);
    expect(left.filter((text) => text.startsWith('f'))).toHaveLength(10);
    expect(left.length).toBeLessThanOrEqual(111);
    expect(left.at(-1)).toBe('x299');
  });

  test('the bound holds for characters as well', async () => {
    const queues = new DeviceQueues(database, store, { messages: 1_000_000, characters: 10_000 });
    await add(queues, 1, friend, 'f');
    for (let n = 0; n < 100; n++) await add(queues, n + 100, flooder, 'x'.repeat(1_000));
    const left = await contents(queues);
    expect(left).toContain('f');
    expect(left.join('').length).toBeLessThanOrEqual(11_100);
  });

  test('only what waits is deleted, and only what was confirmed', async () => {
    const queues = new DeviceQueues(database, store);
    await add(queues, 5, friend, 'a');
    await add(queues, 9, friend, 'b');
    await queues.acknowledge(device, 4);
    expect(await contents(queues)).toEqual(['a', 'b']);
    await queues.acknowledge(device, 5);
    expect(await contents(queues)).toEqual(['b']);
    await add(queues, 12, friend, 'c');
    await queues.acknowledge(device, 9);
    expect(await contents(queues)).toEqual(['c']);
    await queues.acknowledge(device, 20);
    expect(await contents(queues)).toEqual([]);
  });

  test('messages of an earlier run are found and deleted', async () => {
    await add(new DeviceQueues(database, store), 5, friend, 'a');
    const queues = new DeviceQueues(database, store);
    expect(await queues.messages(device, 0, 10)).toEqual({ events: ['a'], upTo: 10 });
    await queues.acknowledge(device, 10);
    expect(await queues.messages(device, 0, 10)).toEqual({ events: [], upTo: 10 });
    expect(await store.size(device)).toEqual({ messages: 0, characters: 0 });
  });

  test('confirming what is confirmed already writes nothing', async () => {
    let writes = 0;
    const counting: Database = Object.create(database, {
      transact: { value: (body: never) => (writes++, database.transact(body)) },
    }) as Database;
    const queues = new DeviceQueues(counting, store);
    await add(queues, 5, friend, 'a');
    for (const since of [3, 5, 5, 6, 7]) await queues.acknowledge(device, since);
    expect(writes).toBe(1);
  });
});
