import { describeDatabases } from '@myelin/database/testing';
import { expect, it } from 'vitest';
import { toDeviceMigrations } from './migrations.ts';
import { ReceivedMessageIds } from './received-message-ids.ts';

describeDatabases((open) => {
  it('ids of messages are remembered, and of one server no more than so many', async () => {
    const database = await open(toDeviceMigrations);
    const ids = new ReceivedMessageIds(20);
    const has = (origin: string, id: string): Promise<boolean> =>
      database.transact((writer) => ids.has(writer, origin, id));
    await database.transact(async (writer) => {
      await ids.note(writer, 'a.test', 'of old', 1);
      for (let n = 0; n < 100; n++) await ids.note(writer, 'b.test', `m${n}`, 1000 + n);
    });
    expect(await has('a.test', 'of old')).toBe(true);
    const left = await Promise.all(Array.from({ length: 100 }, (_none, n) => has('b.test', `m${n}`)));
    expect(left.filter(Boolean).length).toBeLessThanOrEqual(22);
    expect(left.slice(80).every(Boolean)).toBe(true);
    await database.transact((writer) => ids.prune(writer, 31 * 86_400_000));
    expect(await has('a.test', 'of old')).toBe(false);
  });
});
